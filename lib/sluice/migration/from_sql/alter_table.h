#pragma once
// One ALTER TABLE, alteration by alteration. Private to migration/from_sql/.

#include "sluice/migration/from_sql/cursor.h"
#include "sluice/migration/from_sql/part.h"

#include <fmt/core.h>

namespace sluice {

class AlterTable {
public:
    AlterTable(std::string_view sql, const FromSqlOptions& options) : cursor_(sql, options.engine)
    {
    }

    std::vector<SqlPart> run();

private:
    void read_alteration();
    bool read_known();
    void write_out(std::size_t place, const std::string& reason);

    template <class Kind> void push(Kind kind, const std::string& subject, std::string understood)
    {
        kind.table = table_;
        SqlPart part{.what = {}, .table = table_, .subject = subject};
        part.understood = std::move(understood);
        part.what = ChangeKind(std::move(kind));
        parts_.push_back(std::move(part));
    }

    [[nodiscard]] std::string named(const std::string& column) const
    {
        return fmt::format("\"{}\" of \"{}\"", column, display(table_));
    }

    bool add();
    bool add_column();
    bool is_known(const ColumnText& column);
    bool add_constraint();
    bool add_index();
    bool drop();
    /// [IF EXISTS] name [RESTRICT]
    std::optional<std::string> take_dropped();
    bool drop_constraint();
    bool rename();
    bool rename_constraint();
    bool rename_table();
    void push_rename(const std::string& from, const std::string& to, const std::string& besides);
    /// PostgreSQL: ALTER [COLUMN] c …
    bool alter();
    bool alter_default(const std::string& name, const std::string& value);
    bool alter_type(const std::string& name);
    /// MySQL: MODIFY c TYPE …: what it does not say is gone.
    bool redefine(const std::string& name);
    /// MySQL: CHANGE a b TYPE …: a rename that has to repeat all that the column is.
    bool change();

    SqlCursor cursor_;
    TableName table_;
    std::string head_;
    std::string reason_;
    std::vector<SqlPart> parts_;
};

} // namespace sluice
