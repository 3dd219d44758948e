#include "support/private_server.h"

#include "support/database.h"
#include "support/program.h"

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace sluice::test {

namespace {

std::string engine_name()
{
    return std::string(name_of(engine()));
}

} // namespace

PrivateServer::PrivateServer()
{
    // The server is run by another user, who must be able to come here.
    std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
    call("start");
}

PrivateServer::~PrivateServer()
{
    (void)await_program(start_executable(SLUICE_SOURCE_DIR "/tests/support/server",
                                         {"stop", engine_name(), directory_.path() / "server"}));
}

void PrivateServer::call(const std::string& verb) const
{
    const std::string path = directory_.path() / "server";
    const int code = await_program(start_executable(SLUICE_SOURCE_DIR "/tests/support/server",
                                                    {verb, engine_name(), path}))
                         .exit_code;
    if (code != 0) {
        throw std::runtime_error("tests/support/server " + verb + " failed");
    }
}

std::string PrivateServer::make_database()
{
    std::ifstream file(directory_.path() / "server" / "url");
    std::string admin;
    std::getline(file, admin);
    const std::string name = "d" + std::to_string(++databases_);
    Session(parse_url(admin), {}).execute("CREATE DATABASE " + name);
    return admin.substr(0, admin.rfind('/') + 1) + name;
}

} // namespace sluice::test
