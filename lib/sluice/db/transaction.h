#pragma once
// A transaction that rolls back unless it was committed. On SQLite it is BEGIN IMMEDIATE.

#include "sluice/db/session.h"

namespace sluice {

class Transaction {
public:
    explicit Transaction(Session& session) : session_(session) { session_.begin(); }

    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    ~Transaction()
    {
        if (open_) {
            session_.rollback();
        }
    }

    void commit()
    {
        session_.commit();
        open_ = false;
    }

private:
    Session& session_;
    bool open_ = true;
};

} // namespace sluice
