#pragma once

#include "sluice/db/dialect.h"

namespace sluice {

class MysqlDialect final : public Dialect {
public:
    explicit MysqlDialect(Server server);

    // names.cpp
    using Dialect::quote;
    [[nodiscard]] std::string quote(std::string_view identifier) const override;
    [[nodiscard]] std::string literal(std::string_view text) const override;
    [[nodiscard]] Sql sql() const override;
    [[nodiscard]] std::size_t longest_name() const override;
    [[nodiscard]] std::optional<std::string>
    name_refusal(std::string_view identifier) const override;
    [[nodiscard]] std::string state_table(std::string_view name) const override;
    [[nodiscard]] StateTypes state_types() const override;
    [[nodiscard]] std::string state_exists(std::string_view name) const override;
    [[nodiscard]] std::string state_column_exists(std::string_view table,
                                                  std::string_view column) const override;
    [[nodiscard]] std::string added_state_default(std::string_view value) const override;
    [[nodiscard]] std::string now(std::chrono::milliseconds offset) const override;

    // types.cpp
    [[nodiscard]] Type parse_type(std::string_view sql) const override;
    [[nodiscard]] std::string cast(std::string_view expression, const Type& type) const override;
    [[nodiscard]] std::string differs(std::string_view a, std::string_view b,
                                      const Type& type) const override;
    [[nodiscard]] std::optional<std::string>
    cast_domain(std::string_view expression, const Type& from, const Type& to) const override;
    [[nodiscard]] bool is_constant(std::string_view sql) const override;

    // keys.cpp
    [[nodiscard]] std::optional<std::string> key_refusal(const Column& column) const override;
    [[nodiscard]] std::string key_text(const Column& column,
                                       std::string_view qualifier) const override;
    void bind_key(Sql& sql, const Column& column, const std::string& text) const override;
    void key_after(Sql& sql, const std::vector<Column>& key,
                   const KeyValues& values) const override;
    void key_upto(Sql& sql, const std::vector<Column>& key, const KeyValues& values) const override;
    [[nodiscard]] std::string json_array(const std::vector<std::string>& texts) const override;
    [[nodiscard]] InsertFrame insert_missing(const InsertMissing& insert) const override;
    [[nodiscard]] std::string lock_work_rows() const override;
    [[nodiscard]] std::string lock_read_row() const override;
    [[nodiscard]] std::string explain(std::string_view query) const override;
    [[nodiscard]] std::optional<std::string>
    explain_refusal(const Rows& plan, const Table& table,
                    const std::vector<Column>& key) const override;
    [[nodiscard]] std::string estimate_rows(const TableName& table) const override;

    // render.cpp, sync.cpp
    [[nodiscard]] std::vector<Rendered> render(const std::vector<Alteration>& group,
                                               const Table& table) const override;
    [[nodiscard]] std::string lock_tables(const std::vector<TableName>& tables) const override;
    [[nodiscard]] std::string unlock_tables() const override;
    [[nodiscard]] Mode mode_of(std::string_view sql) const override;
    [[nodiscard]] std::string lock_of(std::string_view sql) const override;
    [[nodiscard]] std::string lock_advice(std::string_view sql) const override;
    [[nodiscard]] std::vector<std::string> sync_objects(const Sync& sync) const override;

    // versions.cpp
    [[nodiscard]] Rendered create_version(const VersionSchema& version) const override;
    [[nodiscard]] Rendered put_version_aside(const VersionSchema& version) const override;
    [[nodiscard]] Rendered drop_kept_version(const VersionSchema& version) const override;
    [[nodiscard]] std::vector<Rendered>
    before_version_swap(const VersionSchema& before, const VersionSchema& after) const override;
    [[nodiscard]] std::vector<Rendered>
    after_version_swap(const VersionSchema& before, const VersionSchema& after) const override;
};

} // namespace sluice
