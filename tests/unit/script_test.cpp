#include "sluice/db/script.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sluice;

namespace {

std::vector<std::string> statements(const std::string& text, Engine engine)
{
    std::vector<std::string> result;
    for (const ScriptStatement& statement : split_script(text, engine).statements) {
        result.push_back(statement.sql);
    }
    return result;
}

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("a script is cut at its semicolons, on every engine")
{
    for (const Engine engine : {Engine::postgresql, Engine::mysql, Engine::sqlite}) {
        CHECK(statements("CREATE TABLE a (i int);\n\nINSERT INTO a VALUES (1);;", engine) ==
              Texts{"CREATE TABLE a (i int)", "INSERT INTO a VALUES (1)"});
        CHECK(statements("SELECT 1", engine) == Texts{"SELECT 1"});
        CHECK(statements(" ; -- nothing\n ;", engine).empty());
    }
}

TEST_CASE("a semicolon in a string, a name or a comment cuts nothing")
{
    for (const Engine engine : {Engine::postgresql, Engine::mysql, Engine::sqlite}) {
        CHECK(statements("INSERT INTO a VALUES ('x;''y;'); /* a; b */ SELECT 2 -- c;\n;", engine) ==
              Texts{"INSERT INTO a VALUES ('x;''y;')", "SELECT 2 -- c;"});
    }
    CHECK(statements("SELECT \"a;b\"; SELECT 2", Engine::postgresql).size() == 2);
    CHECK(statements("SELECT `a;b`, 'it\\'s;'; SELECT 2", Engine::mysql).size() == 2);
    CHECK(statements("SELECT E'it\\'s;', $q$ ; $$ ; $q$; SELECT 2", Engine::postgresql).size() ==
          2);
}

TEST_CASE("a comment before a statement goes with it, and its line is told")
{
    const Script script = split_script(
        "-- users\n-- of the shop\nCREATE TABLE a (i int);\n\n/* one more */\nSELECT 2;\n",
        Engine::postgresql, 10);
    REQUIRE(script.statements.size() == 2);
    CHECK(script.statements[0].comment == "users\nof the shop");
    CHECK(script.statements[0].line == 12);
    CHECK(script.statements[1].comment == "one more");
    CHECK(script.statements[1].line == 15);
}

TEST_CASE("the body of a SQLite trigger stays whole")
{
    const Texts found = statements("CREATE TRIGGER t AFTER INSERT ON a BEGIN\n"
                                   "  UPDATE a SET n = CASE WHEN n > 1 THEN 2 ELSE 3 END;\n"
                                   "  DELETE FROM b;\nEND;\nSELECT 2;",
                                   Engine::sqlite);
    REQUIRE(found.size() == 2);
    CHECK(found[0].ends_with("DELETE FROM b;\nEND"));
}

TEST_CASE("the body of a routine of MySQL stays whole, with DELIMITER and without")
{
    const std::string body = "CREATE PROCEDURE p(IN a int)\nBEGIN\n"
                             "  IF a > 1 THEN SELECT IF(a, 1, 2); ELSEIF a THEN SELECT 1; END IF;\n"
                             "  WHILE a > 0 DO SET a = a - 1; END WHILE;\n"
                             "  CASE a WHEN 1 THEN BEGIN SELECT 1; END; ELSE SELECT 2; END CASE;\n"
                             "  l: LOOP LEAVE l; END LOOP;\n"
                             "  SELECT CASE WHEN a THEN 1 END;\nEND";
    const Texts both{body, "SELECT 2"};
    CHECK(statements(body + ";\nSELECT 2;", Engine::mysql) == both);
    CHECK(statements("DELIMITER $$\n" + body + "$$\nDELIMITER ;\nSELECT 2;", Engine::mysql) ==
          both);
    CHECK(statements("DELIMITER //\n" + body + "\n//\nDELIMITER ;\nSELECT 2;", Engine::mysql) ==
          both);
    CHECK(statements("CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.i = 1; SELECT 2",
                     Engine::mysql)
              .size() == 2);
    CHECK(statements("CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW IF NEW.i > 1 THEN SET "
                     "NEW.i = 1; END IF; SELECT 2",
                     Engine::mysql)
              .size() == 2);
    CHECK(statements("CREATE TABLE IF NOT EXISTS event (i int); SELECT 2", Engine::mysql).size() ==
          2);
}

TEST_CASE("the body of a PostgreSQL function stays whole, quoted or not")
{
    CHECK(statements("CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC\n"
                     "SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 3",
                     Engine::postgresql)
              .size() == 2);
    CHECK(statements("DO $$ BEGIN PERFORM 1; END $$; SELECT 3", Engine::postgresql).size() == 2);
    CHECK(statements("CREATE RULE r AS ON INSERT TO a DO ALSO (DELETE FROM b; DELETE FROM c); "
                     "SELECT 3",
                     Engine::postgresql)
              .size() == 2);
    CHECK(statements("BEGIN; SELECT 1; END; SELECT 3", Engine::postgresql).size() == 4);
}

TEST_CASE("what MySQL runs of a comment is a statement")
{
    CHECK(statements("/*!40101 SET NAMES utf8 */;\n/*!50003 CREATE*/ /*!50003 VIEW v AS SELECT 1 "
                     "*/;\n-- a plain one\n",
                     Engine::mysql) ==
          Texts{"/*!40101 SET NAMES utf8 */", "/*!50003 CREATE*/ /*!50003 VIEW v AS SELECT 1 */"});
    CHECK(role_of("/*!40101 SET NAMES utf8 */", Engine::mysql) == ScriptRole::tuning);
}

TEST_CASE("what never ends, and what only a client understands, is told with its line")
{
    const auto faults = [](const std::string& text, Engine engine) {
        return split_script(text, engine).faults;
    };
    CHECK(faults("SELECT 1;\nSELECT 'abc;", Engine::postgresql).size() == 1);
    CHECK(faults("SELECT 1;\n/* abc;", Engine::sqlite).size() == 1);
    const auto commands = faults("SELECT 1;\n\\connect shop\nSELECT 2;", Engine::postgresql);
    REQUIRE(commands.size() == 1);
    CHECK(commands[0].line == 2);
    CHECK(commands[0].problem.find("\\connect shop") != std::string::npos);
    CHECK(faults(".mode list\nSELECT 2;", Engine::sqlite).size() == 1);
    CHECK(faults("source other.sql\n", Engine::mysql).size() == 1);
    const std::string copy = "SELECT 1;\nCOPY a (t) FROM stdin;\nit's\t;\n\\.\nSELECT 2;";
    CHECK(faults(copy, Engine::postgresql).size() >= 1);
    CHECK(statements(copy, Engine::postgresql) == Texts{"SELECT 1", "SELECT 2"});
}

TEST_CASE("a statement's part in a script is told by its words")
{
    const auto role = [](const char* sql) { return role_of(sql, Engine::postgresql); };
    CHECK(role("BEGIN") == ScriptRole::transaction);
    CHECK(role("start transaction") == ScriptRole::transaction);
    CHECK(role("COMMIT") == ScriptRole::transaction);
    CHECK(role("ROLLBACK TO SAVEPOINT a") == ScriptRole::gives_up);
    CHECK(role("SET search_path TO app") == ScriptRole::setting);
    CHECK(role("SET LOCAL lock_timeout = '1s'") == ScriptRole::tuning);
    CHECK(role("SELECT pg_catalog.set_config('search_path', '', false)") == ScriptRole::tuning);
    CHECK(role("SELECT set_config('search_path', 'app', false)") == ScriptRole::setting);
    CHECK(role("ALTER TABLE a SET SCHEMA b") == ScriptRole::work);
    CHECK(role_of("PRAGMA foreign_keys = OFF", Engine::sqlite) == ScriptRole::setting);
    CHECK(role_of("SET FOREIGN_KEY_CHECKS = 0", Engine::mysql) == ScriptRole::setting);
    CHECK(role_of("SET NAMES utf8, FOREIGN_KEY_CHECKS = 0", Engine::mysql) == ScriptRole::setting);
    CHECK(role_of("BEGIN NOT ATOMIC SELECT 1; END", Engine::mysql) == ScriptRole::work);
}
