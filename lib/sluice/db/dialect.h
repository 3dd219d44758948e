#pragma once
// The SQL that differs by engine, as functions from values to text. Holds no connection, decides
// nothing about a migration, and is immutable: any thread may use it. No other file asks which
// engine it is; what an engine cannot do is declared in Capabilities.

#include "sluice/db/alteration.h"
#include "sluice/db/capabilities.h"
#include "sluice/db/catalog.h"
#include "sluice/db/lock_dialect.h"
#include "sluice/db/rendered.h"
#include "sluice/db/statement.h"
#include "sluice/db/url.h"
#include "sluice/db/version_dialect.h"
#include "sluice/db/walk_dialect.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// What answered at the other end.
struct Server {
    Engine engine = Engine::sqlite;
    bool is_mariadb = false;
    int version = 0; ///< PostgreSQL 150018, MariaDB 101119, MySQL 90704, SQLite 3040001

    friend bool operator==(const Server&, const Server&) = default;
};

/// What sluice's own tables are made of.
struct StateTypes {
    std::string number;   ///< 64-bit integer
    std::string identity; ///< 64-bit primary key that numbers itself and never gives one out twice
    std::string name;     ///< short text, usable in a key, compared by bytes
    std::string text;     ///< long text
    std::string suffix;   ///< after the closing parenthesis of CREATE TABLE ("ENGINE=InnoDB …")
    std::string prepare;  ///< a statement to run before the first table is made; may be empty
};

/// Alterations of a table as it will be when they begin.
struct AlteredTable {
    const Table& table;
    const std::vector<Alteration>& group;
};

class Dialect : public WalkDialect, public LockDialect, public VersionDialect {
public:
    explicit Dialect(Server server, Capabilities capabilities)
        : server_(server), capabilities_(capabilities)
    {
    }

    [[nodiscard]] const Server& server() const { return server_; }

    [[nodiscard]] const Capabilities& capabilities() const { return capabilities_; }

    // --- names and values
    [[nodiscard]] virtual std::string quote(std::string_view identifier) const = 0;
    [[nodiscard]] std::string quote(const TableName& table) const;
    [[nodiscard]] std::string
    quote_list(const std::vector<std::string>& identifiers) const; ///< "a", "b"
    [[nodiscard]] virtual std::string
    literal(std::string_view text) const = 0;  ///< for DDL, where nothing can be bound
    [[nodiscard]] virtual Sql sql() const = 0; ///< a builder in this engine's placeholder style
    [[nodiscard]] virtual std::size_t longest_name() const = 0; ///< bytes an identifier may have
    /// Why nothing can be given this name, as a clause ("is longer than 63 bytes"), or nullopt.
    [[nodiscard]] virtual std::optional<std::string>
    name_refusal(std::string_view identifier) const = 0;
    /// The name of one of sluice's own tables: sluice."run", `sluice_run`.
    [[nodiscard]] virtual std::string state_table(std::string_view name) const = 0;
    [[nodiscard]] virtual StateTypes state_types() const = 0;
    /// A query that returns a row where the state table of this name exists, and none where not.
    [[nodiscard]] virtual std::string state_exists(std::string_view name) const = 0;
    /// A query returning 1 where the state table has the column.
    [[nodiscard]] virtual std::string state_column_exists(std::string_view table,
                                                          std::string_view column) const = 0;
    /// The DEFAULT clause that gives the rows of a state table the value of a new column.
    [[nodiscard]] virtual std::string added_state_default(std::string_view value) const = 0;
    /// SQL for the server's time plus an offset, as text that sorts: 2026-11-21T04:00:00.123Z, UTC.
    [[nodiscard]] virtual std::string
    now(std::chrono::milliseconds offset = std::chrono::milliseconds{0}) const = 0;

    // --- types and comparison
    /// Parses a type as written in a migration file or found in the catalog. Throws
    /// Error{definition} where it cannot be a type.
    [[nodiscard]] virtual Type parse_type(std::string_view sql) const = 0;
    /// expression converted as assigning it to a column of this type would.
    [[nodiscard]] virtual std::string cast(std::string_view expression, const Type& type) const = 0;
    /// Boolean SQL, never NULL: are the two values (of this type) different, by bytes and not by
    /// collation? NULL equals NULL.
    [[nodiscard]] virtual std::string differs(std::string_view a, std::string_view b,
                                              const Type& type) const = 0;
    /// The conversion as one total expression where it can be: CASE WHEN domain THEN expression
    /// END, cast to the type.
    [[nodiscard]] std::string converted(const Conversion& conversion, const Type& type) const;
    /// Domain test for converting `expression` from one type to another with cast(): boolean SQL,
    /// "" where always right, nullopt where no exact test is known. True: cast() does not raise and
    /// gives what storing the value in such a column gives. False: storing it raises or loses
    /// something, or the value is written in a way that not every engine reads as a number
    /// (spaces around it, an exponent, NaN). A NULL is neither.
    [[nodiscard]] virtual std::optional<std::string>
    cast_domain(std::string_view expression, const Type& from, const Type& to) const = 0;
    /// Is this text (a default) a constant, so that ADD COLUMN … DEFAULT fills old rows without
    /// touching them?
    [[nodiscard]] virtual bool is_constant(std::string_view sql) const = 0;

    // --- schema changes
    /// Renders a group into as few actions as the engine allows, in an order in which everything
    /// that can fail comes before anything that shows. `table` is the table as it will be when the
    /// group begins. Throws Error{refused} where the engine cannot, saying what it would need.
    [[nodiscard]] virtual std::vector<Rendered> render(const std::vector<Alteration>& group,
                                                       const Table& table) const = 0;
    /// The same for groups of several tables, all of which show in one action, and nothing of one
    /// without the others. On the way back they show in the same order.
    [[nodiscard]] virtual std::vector<Rendered>
    render_together(const std::vector<AlteredTable>& groups) const;
    /// The names of the triggers (and functions) that a sync makes.
    [[nodiscard]] virtual std::vector<std::string> sync_objects(const Sync& sync) const = 0;

private:
    Server server_;
    Capabilities capabilities_;
};

[[nodiscard]] std::unique_ptr<Dialect> make_dialect(const Server& server);

} // namespace sluice
