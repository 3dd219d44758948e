#include "support/private_server.h"

#include "support/database.h"
#include "support/program.h"

#include <sys/types.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace sluice::test {

namespace {

std::string engine_name()
{
    return std::string(name_of(engine()));
}

} // namespace

PrivateServer::PrivateServer(const std::vector<std::string>& settings)
{
    let_others_in();
    call("start", settings);
}

PrivateServer::PrivateServer(ReplicaOf replica)
{
    let_others_in();
    call("replica", {replica.primary.folder()});
}

PrivateServer::PrivateServer(MemberOf member)
{
    let_others_in();
    call("member", member.other ? std::vector<std::string>{member.other->folder()}
                                : std::vector<std::string>{});
}

PrivateServer::PrivateServer(const SmallDisk& disk) : parent_(disk.path())
{
    call("start");
}

PrivateServer::~PrivateServer()
{
    (void)await_program(start_executable(SLUICE_SOURCE_DIR "/tests/support/server",
                                         {"stop", engine_name(), folder()}));
}

/// The server is run by another user, who must be able to come here.
void PrivateServer::let_others_in() const
{
    std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
}

void PrivateServer::call(const std::string& verb, const std::vector<std::string>& more) const
{
    std::vector<std::string> arguments{verb, engine_name(), folder()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const int code =
        await_program(start_executable(SLUICE_SOURCE_DIR "/tests/support/server", arguments))
            .exit_code;
    if (code != 0) {
        throw std::runtime_error("tests/support/server " + verb + " failed");
    }
}

std::string PrivateServer::why_no_cluster()
{
    const std::string library =
        "/usr/lib/galera/libgalera_smm.so"; // where the script takes it from
    if (!std::filesystem::exists(library)) {
        return library + " is not there: install galera-4";
    }
    return std::filesystem::exists("/usr/bin/rsync") ? "" : "rsync is not there: install it";
}

std::string PrivateServer::url() const
{
    std::ifstream file(folder() + "/url");
    std::string text;
    std::getline(file, text);
    return engine() == Engine::mysql ? text + "mysql" : text;
}

Connect PrivateServer::connect() const
{
    return [url = parse_url(url())](SessionOptions options) {
        return Session(url, std::move(options));
    };
}

bool PrivateServer::is_running() const
{
    std::ifstream file(folder() + "/pid");
    pid_t pid = 0;
    file >> pid;
    return pid > 0 && kill(pid, 0) == 0;
}

std::string PrivateServer::make_database()
{
    const std::string admin = url();
    const std::string name = "d" + std::to_string(++databases_);
    Session(parse_url(admin), {}).execute("CREATE DATABASE " + name);
    return admin.substr(0, admin.rfind('/') + 1) + name;
}

std::string PrivateServer::url_of_copy(const std::string& url_there) const
{
    const std::string own = url();
    return own.substr(0, own.rfind('/')) + url_there.substr(url_there.rfind('/'));
}

} // namespace sluice::test
