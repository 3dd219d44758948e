#pragma once
// Versions of an application that write while a table is changed under them. Each client keeps its
// own ledger of what it wrote to rows of its own, so that the ledgers are the truth about the
// table.

#include "sluice/core/event.h"
#include "support/database.h"

#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace sluice::test {

/// Where a version of the application has the value.
struct Place {
    std::string column; ///< or two, with a comma between them: what is before and after the space
    std::string table = "users";
    std::string part = {};   ///< a table with the same key, which has the column instead
    std::string beside = {}; ///< a table that has a row with the same key, and nothing else of it
};

/// What the clients write, before contract and after it: the columns they choose from, and the
/// values.
struct Application {
    std::vector<Place> first_columns; ///< while rows are migrated, where not all of the old
    std::vector<Place> old_columns;
    std::vector<Place> new_columns;
    std::string (*first_value)(long long id) = nullptr; ///< of a row that is there from the start
    std::string (*next_value)(unsigned random) = nullptr;
    bool tries_deadlocks_again = false;    ///< a statement that the server ended as one's victim
    bool tries_broken_views_again = false; ///< MySQL: 1356, the view is about to be made anew
    bool has_transactions = false;         ///< what is written to two tables is written to both
};

/// Which versions of the application are deployed: those that can be while rows are migrated, both
/// before contract, the new one alone after it.
enum class Deployed { first, both, new_only, stopped };

class Client {
public:
    struct Entry {
        std::string value;
        std::string note;
    };

    Client(const TestDatabase& database, const Application& application, long long number,
           unsigned seed);

    /// Until `deployed` says stopped, or an error, which is kept.
    void work(const std::atomic<Deployed>& deployed);

    [[nodiscard]] const std::map<long long, Entry>& ledger() const { return ledger_; }

    /// Until it has written `times` more, or has failed.
    void wait_until_it_has_written(long long times) const;

    static constexpr long long clients = 2;
    std::string error; ///< to be read when `work` has returned

private:
    void try_step(Session& session, Deployed deployed);
    void step(Session& session, Deployed deployed);
    [[nodiscard]] const Place& place(Deployed deployed);
    void update(Session& session, const Place& place, long long id, Entry& entry);

    [[nodiscard]] int pick(std::size_t limit) { return static_cast<int>(random_() % limit); }

    [[nodiscard]] std::map<long long, Entry>::iterator any_row();

    const TestDatabase& database_;
    const Application& application_;
    long long number_;
    std::mt19937 random_;
    std::map<long long, Entry> ledger_;
    long long inserted_ = 0;
    long long moved_ = 0;
    std::atomic<long long> written_ = 0;
    std::atomic<bool> failed_ = false;
};

/// "users" (id, `column` NOT NULL, or two such, note), with the rows that the clients believe to be
/// there.
void fill_users(const TestDatabase& database, const std::string& column,
                const Application& application);

/// Every row is as its client's ledger says; `places` must all hold the value.
void check_ledgers(const TestDatabase& database, const std::vector<Client*>& clients,
                   const std::vector<Place>& places);

/// Keeps the failures of actions; any thread may tell it.
class Failures final : public Listener {
public:
    void on(const Event& event) override;
    [[nodiscard]] std::string text();

private:
    std::mutex mutex_;
    std::string text_;
};

/// The work begins when every client is writing, and all go on until each has written some more,
/// however little of the machine's time they get.
template <class Work>
void with_traffic(const std::vector<Client*>& clients, Deployed which, Work work)
{
    std::atomic<Deployed> deployed = which;
    std::vector<std::jthread> threads;
    for (Client* client : clients) {
        threads.emplace_back([client, &deployed] { client->work(deployed); });
    }
    try {
        for (const Client* client : clients) {
            client->wait_until_it_has_written(1);
        }
        work();
        for (const Client* client : clients) {
            client->wait_until_it_has_written(20);
        }
    } catch (...) {
        deployed = Deployed::stopped;
        throw;
    }
    deployed = Deployed::stopped;
}

} // namespace sluice::test
