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

/// Joins the caller's transaction where one is open, and is one of its own where none is.
class JoinedTransaction {
public:
    explicit JoinedTransaction(Session& session) : session_(session)
    {
        if (!session_.in_transaction()) {
            session_.begin();
            open_ = true;
        }
    }

    JoinedTransaction(const JoinedTransaction&) = delete;
    JoinedTransaction& operator=(const JoinedTransaction&) = delete;

    ~JoinedTransaction()
    {
        if (open_) {
            session_.rollback();
        }
    }

    void commit()
    {
        if (open_) {
            session_.commit();
            open_ = false;
        }
    }

private:
    Session& session_;
    bool open_ = false;
};

} // namespace sluice
