#include "sluice/core/error.h"
#include "sluice/migration/folder.h"
#include "sluice/migration/reader.h"
#include "support/temporary_directory.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

using namespace sluice;

namespace {

const std::string content = "[[expand]]\nsql = \"SELECT 1\"\n";

std::vector<Migration> named(const std::vector<std::string>& files)
{
    std::vector<Migration> migrations;
    for (const std::string& file : files) {
        migrations.push_back(parse_migration(content, "m/" + file + ".toml"));
    }
    return migrations;
}

template <class Call> Error failure(Call call)
{
    try {
        call();
    } catch (const Error& error) {
        return error;
    }
    return {ErrorKind::internal, "nothing thrown"};
}

} // namespace

TEST_CASE("versions compare as numbers of any length")
{
    CHECK(compare_versions("9", "10") < 0);
    CHECK(compare_versions("10", "9") > 0);
    CHECK(compare_versions("007", "7") == 0);
    CHECK(compare_versions("0", "000") == 0);
    CHECK(compare_versions("99999999999999999999999999", "100000000000000000000000000") < 0);
    CHECK(compare_versions("20261121093000", "20261121093001") < 0);
}

TEST_CASE("a folder is read in the order of its versions")
{
    const TemporaryDirectory directory;
    directory.write("10_ten.toml", content);
    directory.write("9_nine.toml", content);
    directory.write("0100_hundred.toml", content);
    const std::vector<Migration> found = read_folder(directory.path().string());
    REQUIRE(found.size() == 3);
    CHECK(found[0].name == "nine");
    CHECK(found[1].name == "ten");
    CHECK(found[2].name == "hundred");
    CHECK(found[2].version == "0100");
    CHECK(found[0].file == (directory.path() / "9_nine.toml").string());
}

TEST_CASE("what is no migration file is left alone")
{
    const TemporaryDirectory directory;
    directory.write("1_a.toml", content);
    directory.write("README.md", "x");
    directory.write("schema.sql", "x");
    directory.write(".#2_b.toml", "x");
    directory.write("3_c.toml~", "x");
    std::filesystem::create_directory(directory.path() / "4_d.toml");
    CHECK(read_folder(directory.path().string()).size() == 1);
}

TEST_CASE("an empty folder holds no migrations")
{
    const TemporaryDirectory directory;
    CHECK(read_folder(directory.path().string()).empty());
}

TEST_CASE("two files with one version are refused, both named")
{
    const TemporaryDirectory directory;
    const std::string a = directory.write("7_a.toml", content);
    const std::string b = directory.write("007_b.toml", content);
    const Error error = failure([&] { static_cast<void>(read_folder(directory.path().string())); });
    CHECK(error.kind == ErrorKind::definition);
    CHECK(error.message == "two files have the version 007: \"" + b + "\" and \"" + a + "\"");
}

TEST_CASE("a file without a version or that does not parse stops the whole folder")
{
    const TemporaryDirectory directory;
    directory.write("1_a.toml", content);
    directory.write("notes.toml", content);
    CHECK(failure([&] { static_cast<void>(read_folder(directory.path().string())); }).kind ==
          ErrorKind::definition);
    std::filesystem::remove(directory.path() / "notes.toml");
    directory.write("2_b.toml", "sql = ");
    CHECK(failure([&] { static_cast<void>(read_folder(directory.path().string())); }).kind ==
          ErrorKind::definition);
}

TEST_CASE("a folder that is not there is a matter of usage")
{
    const Error error = failure([] { static_cast<void>(read_folder("/nowhere/at/all")); });
    CHECK(error.kind == ErrorKind::usage);
    CHECK(error.message ==
          "cannot read the directory \"/nowhere/at/all\": No such file or directory");
}

TEST_CASE("a file that cannot be read is told with the reason")
{
    const TemporaryDirectory directory;
    const auto message = [&](const std::string& name) {
        const std::string path = (directory.path() / name).string();
        const Error error = failure([&] { static_cast<void>(read_migration(path)); });
        CHECK(error.kind == ErrorKind::definition);
        CHECK(error.message.starts_with(path + ": "));
        return error.message.substr(path.size() + 2);
    };
    CHECK(message("1_missing.toml") == "cannot be read: No such file or directory");
    std::filesystem::create_directory(directory.path() / "2_dir.toml");
    CHECK(message("2_dir.toml") == "is a directory, expected a migration file");
    // Opens, but its first page cannot be read: what a broken disk looks like, even to root.
    std::filesystem::create_symlink("/proc/self/mem", directory.path() / "3_broken.toml");
    CHECK(message("3_broken.toml") == "cannot be read: Input/output error");
    directory.write("4_huge.toml", std::string(1024 * 1024 + 1, '#'));
    CHECK(message("4_huge.toml") == "the file is larger than 1 MiB");
}

TEST_CASE("a migration is found by version, prefix, name, full name or path")
{
    const std::vector<Migration> all =
        named({"20261121093000_users_username", "20261122100000_orders", "20270101000000_users"});
    CHECK(find_migration(all, "20261121093000").name == "users_username");
    CHECK(find_migration(all, "20261122").name == "orders");
    CHECK(find_migration(all, "2027").name == "users");
    CHECK(find_migration(all, "users").version == "20270101000000");
    CHECK(find_migration(all, "20261122100000_orders").name == "orders");
    CHECK(find_migration(all, "m/20261122100000_orders.toml").name == "orders");
    CHECK(find_migration(all, "20261122100000_orders.toml").name == "orders");
}

TEST_CASE("a whole version goes before a longer one that it begins")
{
    const std::vector<Migration> all = named({"1_a", "12_b", "002_c"});
    CHECK(find_migration(all, "1").name == "a");
    CHECK(find_migration(all, "2").name == "c");
}

TEST_CASE("a text that names no migration, or several, is a matter of usage")
{
    const std::vector<Migration> all =
        named({"20261121093000_users_username", "20261122100000_orders", "20261123100000_orders"});
    const auto error = [&](const std::string& text) {
        return failure([&] { static_cast<void>(find_migration(all, text)); });
    };
    CHECK(error("user_username").kind == ErrorKind::usage);
    CHECK(error("user_username").message == "no migration is called \"user_username\"");
    CHECK(error("user_username").details.hint == "Did you mean \"users_username\"?");
    CHECK(error("zzz").details.hint == "`sluice status` lists the migrations.");
    CHECK(error("").message == "no migration is called \"\"");
    CHECK(error("orders").message ==
          "\"orders\" names 2 migrations: \"20261122100000_orders\", \"20261123100000_orders\"");
    CHECK(error("2026").kind == ErrorKind::usage);
}

TEST_CASE("the worked series of the repository is read whole")
{
    const std::vector<Migration> series = read_folder(SLUICE_SOURCE_DIR "/migrations");
    std::vector<std::string> names;
    for (const Migration& migration : series) {
        names.push_back(migration.name);
        CHECK_FALSE(migration.summary.empty());
    }
    CHECK(names == std::vector<std::string>{"customers_username", "customers_locale",
                                            "customers_names", "invoices_total",
                                            "playlist_track_plays", "customers_fax"});
}
