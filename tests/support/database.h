#pragma once
// A database of its own for one test case, dropped at the end (SLUICE_TEST_KEEP=1 keeps it and says
// where it is). The servers are started by CTest fixtures; their URLs stand in
// $SLUICE_TEST_SERVERS/{postgresql,mysql}/url. To run a test by hand: tests/support/server start
// postgresql DIR/postgresql, then SLUICE_TEST_SERVERS=DIR.

#include "sluice/db/session.h"
#include "sluice/db/url.h"
#include "support/temporary_directory.h"

#include <optional>
#include <string>

namespace sluice::test {

/// The engine this process tests: --engine=sqlite|postgresql|mysql on the command line.
[[nodiscard]] Engine engine();

class TestDatabase {
public:
    /// On the server of `which`; the engine under test unless said otherwise.
    explicit TestDatabase(Engine which = engine());
    TestDatabase(const TestDatabase&) = delete;
    TestDatabase& operator=(const TestDatabase&) = delete;
    ~TestDatabase();

    [[nodiscard]] const std::string& url_text() const { return url_text_; }

    [[nodiscard]] const Url& url() const { return url_; }

    [[nodiscard]] Session open(SessionOptions options = {}) const
    {
        return Session(url_, std::move(options));
    }

    [[nodiscard]] Connect connect() const;
    /// For MySQL and SQLite the whole text, for PostgreSQL too: any script.
    void run(const std::string& script) const;
    /// The first column of the first row, "NULL" for NULL.
    [[nodiscard]] std::string value(const std::string& query) const;

private:
    std::string name_;
    std::string url_text_;
    Url url_;
    std::optional<TemporaryDirectory> directory_; ///< SQLite: where the file is
};

/// The text for the engine under test.
[[nodiscard]] std::string by_engine(const std::string& postgresql, const std::string& mysql,
                                    const std::string& sqlite);

} // namespace sluice::test
