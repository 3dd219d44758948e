#pragma once
// The members of what tables are made of, each named once for writing and for reading. Private to
// db/.

#include "sluice/db/table_parts.h"

namespace sluice {

template <class Visit> void fields_of(Visit& visit, TableName& name)
{
    visit("schema", name.schema);
    visit("name", name.name);
}

template <class Visit> void fields_of(Visit& visit, Type& type)
{
    visit("sql", type.sql);
    visit("family", type.family);
    visit("bits", type.bits);
    visit("unsigned", type.is_unsigned);
    visit("length", type.length);
    visit("precision", type.precision);
    visit("scale", type.scale);
}

template <class Visit> void fields_of(Visit& visit, Sequence& sequence)
{
    visit("name", sequence.name);
    visit("type", sequence.type);
    visit("owned", sequence.is_owned);
    visit("identity", sequence.identity);
    visit("options", sequence.options);
}

template <class Visit> void fields_of(Visit& visit, Column& column)
{
    visit("name", column.name);
    visit("type", column.type);
    visit("nullable", column.nullable);
    visit("default", column.default_sql);
    visit("identity", column.is_identity);
    visit("generated", column.generated);
    visit("collation", column.collation);
    visit("charset", column.charset);
    visit("on update now", column.on_update_now);
    visit("comment", column.comment);
    visit("settings", column.settings);
    visit("grants", column.grants);
    visit("sequences", column.sequences);
}

template <class Visit> void fields_of(Visit& visit, IndexPart& part)
{
    visit("column", part.column);
    visit("expression", part.expression);
    visit("descending", part.descending);
    visit("nulls", part.nulls);
    visit("collation", part.collation);
    visit("operator class", part.opclass);
    visit("prefix", part.prefix);
}

template <class Visit> void fields_of(Visit& visit, Index& index)
{
    visit("name", index.name);
    visit("unique", index.unique);
    visit("constraint", index.is_constraint);
    visit("valid", index.valid);
    visit("nulls not distinct", index.nulls_not_distinct);
    visit("method", index.method);
    visit("parts", index.parts);
    visit("included", index.included);
    visit("predicate", index.predicate);
    visit("definition", index.definition);
    visit("options", index.options);
    visit("deferrable", index.deferrable);
    visit("comment", index.comment);
    visit("known as", index.known_as);
}

template <class Visit> void fields_of(Visit& visit, Check& check)
{
    visit("name", check.name);
    visit("expression", check.expression);
    visit("columns", check.columns);
    visit("no inherit", check.no_inherit);
    visit("not valid", check.not_valid);
    visit("comment", check.comment);
}

template <class Visit> void fields_of(Visit& visit, ForeignKey& key)
{
    visit("name", key.name);
    visit("columns", key.columns);
    visit("referenced", key.referenced);
    visit("referenced columns", key.referenced_columns);
    visit("on update", key.on_update);
    visit("on delete", key.on_delete);
    visit("cleared", key.cleared);
    visit("options", key.options);
    visit("not valid", key.not_valid);
    visit("comment", key.comment);
}

template <class Visit> void fields_of(Visit& visit, Trigger& trigger)
{
    visit("name", trigger.name);
    visit("timing", trigger.timing);
    visit("event", trigger.event);
    visit("body", trigger.body);
}

template <class Visit> void fields_of(Visit& visit, View& view)
{
    visit("name", view.name);
    visit("definition", view.definition);
    visit("columns", view.columns);
}

template <class Visit> void fields_of(Visit& visit, Dependent& dependent)
{
    visit("kind", dependent.kind);
    visit("name", dependent.name);
    visit("columns", dependent.columns);
    visit("definition", dependent.definition);
}

} // namespace sluice
