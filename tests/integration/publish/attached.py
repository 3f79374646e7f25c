"""One of each object that PostgreSQL 18 can tie to a table, for the tests of what a publish keeps and refuses.

`{t}` is the table, `{s}` its schema and `{n}` its bare name; every statement runs as a superuser.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Attached:
    """How to make it and how to take it away; `named` is what a refusal says, empty where it is carried over."""

    what: str
    make: str
    undo: str
    named: str = ""


CARRIED = (
    Attached("a privilege", "grant select on {t} to app_of_test", "revoke all on {t} from app_of_test"),
    Attached(
        "grant option", "grant update on {t} to app_of_test with grant option", "revoke all on {t} from app_of_test"
    ),
    Attached("PUBLIC", "grant select, maintain on {t} to public", "revoke all on {t} from public"),
    Attached("a column", "grant select (number) on {t} to app_of_test", "revoke all (number) on {t} from app_of_test"),
    Attached("a privilege taken away", "revoke select on {t} from stir_reader", "grant select on {t} to stir_reader"),
    Attached("the owner's", "revoke truncate on {t} from stir_writer", "grant truncate on {t} to stir_writer"),
    Attached("table comment", "comment on table {t} is 'ours'", "comment on table {t} is 'Small.'"),
    Attached("no table comment", "comment on table {t} is null", "comment on table {t} is 'Small.'"),
    Attached("column comment", "comment on column {t}.label is 'é\"'", "comment on column {t}.label is 'Text.'"),
    Attached("index comment", "comment on index {s}.{n}_pkey is 'key'", "comment on index {s}.{n}_pkey is null"),
    Attached(
        "constraint comment",
        "comment on constraint {n}_id_not_null on {t} is 'never'",
        "comment on constraint {n}_id_not_null on {t} is null",
    ),
    Attached("type comment", "comment on type {t} is 'row'", "comment on type {t} is null"),
    Attached("array type comment", "comment on type {t}[] is 'rows'", "comment on type {t}[] is null"),
    Attached("fillfactor", "alter table {t} set (fillfactor = 70)", "alter table {t} reset (fillfactor)"),
    Attached(
        "no option", "alter table {t} reset (autovacuum_enabled)", "alter table {t} set (autovacuum_enabled=false)"
    ),
    Attached(
        "TOAST option",
        "alter table {t} set (toast.autovacuum_vacuum_threshold = 7)",
        "alter table {t} reset (toast.autovacuum_vacuum_threshold)",
    ),
    Attached(
        "n_distinct",
        "alter table {t} alter label set (n_distinct = 5)",
        "alter table {t} alter label reset (n_distinct)",
    ),
    Attached(
        "STORAGE", "alter table {t} alter label set storage external", "alter table {t} alter label set storage default"
    ),
    Attached(
        "COMPRESSION",
        "alter table {t} alter label set compression pglz",
        "alter table {t} alter label set compression default",
    ),
    Attached(
        "statistics target",
        "alter table {t} alter label set statistics 500",
        "alter table {t} alter label set statistics default",
    ),
    Attached(
        "no statistics",
        "alter table {t} alter label set statistics 0",
        "alter table {t} alter label set statistics default",
    ),
    Attached(
        "row level security", "alter table {t} enable row level security", "alter table {t} disable row level security"
    ),
    Attached(
        "replica identity full", "alter table {t} replica identity full", "alter table {t} replica identity default"
    ),
    Attached(
        "replica identity nothing",
        "alter table {t} replica identity nothing",
        "alter table {t} replica identity default",
    ),
)

_FUNCTION = "create function public.f_of_test({args}) returns {returns} language sql {body}"
_TRIGGER = (
    "create function public.t_of_test() returns trigger language plpgsql as 'begin return new; end';"
    "create trigger trigger_of_test before insert on {t} for each row execute function public.t_of_test()"
)
_NO_TRIGGER = "drop trigger trigger_of_test on {t}; drop function public.t_of_test()"
_LABEL = "insert into pg_seclabel values ({oid}, 'pg_class'::regclass, {column}, 'provider', 'secret')"

REFUSED = (
    Attached(
        "view",
        "create view public.v_of_test as select * from {t}",
        "drop view public.v_of_test",
        "view public.v_of_test",
    ),
    Attached(
        "view of the whole row",
        "create view public.v_of_test as select x from {t} as x",
        "drop view public.v_of_test",
        "view public.v_of_test",
    ),
    Attached(
        "materialised view",
        "create materialized view public.m_of_test as select * from {t}",
        "drop materialized view public.m_of_test",
        "materialized view public.m_of_test",
    ),
    Attached(
        "rule",
        "create rule rule_of_test as on insert to {t} do also select 1",
        "drop rule rule_of_test on {t}",
        "rule rule_of_test on table",
    ),
    Attached("trigger", _TRIGGER, _NO_TRIGGER, "trigger trigger_of_test on table"),
    Attached(
        "disabled trigger",
        _TRIGGER + "; alter table {t} disable trigger trigger_of_test",
        _NO_TRIGGER,
        "trigger trigger_of_test on table",
    ),
    Attached(
        "policy",
        "create policy policy_of_test on {t} using (true)",
        "drop policy policy_of_test on {t}",
        "policy policy_of_test on table",
    ),
    Attached(
        "policy of another table",
        "create table public.o_of_test (); create policy p on public.o_of_test using (exists (select from {t}))",
        "drop table public.o_of_test",
        "policy p on table public.o_of_test",
    ),
    Attached(
        "statistics",
        "create statistics public.s_of_test on number, label from {t}",
        "drop statistics public.s_of_test",
        "statistics object public.s_of_test",
    ),
    Attached(
        "statistics of an expression",
        "create statistics public.s_of_test on (number + 1) from {t}",
        "drop statistics public.s_of_test",
        "statistics object public.s_of_test",
    ),
    Attached(
        "owned sequence",
        "create sequence public.q_of_test owned by none; alter sequence public.q_of_test owner to stir_writer;"
        "alter sequence public.q_of_test set schema {s}; alter sequence {s}.q_of_test owned by {t}.number",
        "drop sequence {s}.q_of_test",
        "q_of_test",
    ),
    Attached(
        "default",
        "alter table {t} alter label set default 'x'",
        "alter table {t} alter label drop default",
        "default value for column label",
    ),
    Attached(
        "identity",
        "alter table {t} alter number add generated always as identity",
        "alter table {t} alter number drop identity",
        "attidentity",
    ),
    Attached(
        "index",
        "create index {n}_by_hand on {t} (label)",
        "drop index {s}.{n}_by_hand",
        "index tiny_by_hand CREATE INDEX",
    ),
    Attached(
        "index named as ours",
        "drop index {s}.{n}_by_number; create index {n}_by_number on {t} (number) where number > 5",
        "drop index {s}.{n}_by_number; create index {n}_by_number on {t} (number)",
        "WHERE (number > 5)",
    ),
    Attached(
        "index parameter",
        "alter index {s}.{n}_by_number set (fillfactor = 50)",
        "alter index {s}.{n}_by_number reset (fillfactor)",
        "fillfactor",
    ),
    Attached(
        "index statistics",
        "create index {n}_by_hand on {t} ((number + 1)); alter index {s}.{n}_by_hand alter 1 set statistics 7",
        "drop index {s}.{n}_by_hand",
        "statistics of expr 7",
    ),
    Attached(
        "index of an extension",
        "alter index {s}.{n}_by_number depends on extension plpgsql",
        "alter index {s}.{n}_by_number no depends on extension plpgsql",
        "belongs to extension plpgsql",
    ),
    Attached("cluster", "alter table {t} cluster on {n}_pkey", "alter table {t} set without cluster", "indisclustered"),
    Attached(
        "replica identity index",
        "alter table {t} replica identity using index {n}_pkey",
        "alter table {t} replica identity default",
        "indisreplident",
    ),
    Attached(
        "check",
        "alter table {t} add constraint c_of_test check (number > -1) not valid",
        "alter table {t} drop constraint c_of_test",
        "constraint c_of_test c CHECK ((number > '-1'::integer)) NOT VALID",
    ),
    Attached(
        "unenforced check",
        "alter table {t} add constraint c_of_test check (number > 9) not enforced",
        "alter table {t} drop constraint c_of_test",
        "NOT ENFORCED",
    ),
    Attached(
        "unique",
        "alter table {t} add constraint u_of_test unique (id, number)",
        "alter table {t} drop constraint u_of_test",
        "constraint u_of_test u UNIQUE",
    ),
    Attached(
        "exclusion",
        "alter table {t} add constraint x_of_test exclude (id with =)",
        "alter table {t} drop constraint x_of_test",
        "constraint x_of_test x EXCLUDE",
    ),
    Attached(
        "not null renamed",
        "alter table {t} rename constraint {n}_id_not_null to nn_of_test",
        "alter table {t} rename constraint nn_of_test to {n}_id_not_null",
        "constraint nn_of_test n NOT NULL",
    ),
    Attached(
        "foreign key from it",
        "create table public.o_of_test (id text primary key);"
        "alter table {t} add constraint k_of_test foreign key (id) references public.o_of_test not valid",
        "alter table {t} drop constraint k_of_test; drop table public.o_of_test",
        "constraint k_of_test f FOREIGN KEY",
    ),
    Attached(
        "foreign key to it",
        "create table public.o_of_test (id text references {t})",
        "drop table public.o_of_test",
        "constraint o_of_test_id_fkey on table public.o_of_test",
    ),
    Attached(
        "child",
        "create table public.o_of_test () inherits ({t})",
        "drop table public.o_of_test",
        "table public.o_of_test",
    ),
    Attached(
        "foreign table as a child",
        "create foreign data wrapper w_of_test; create server r_of_test foreign data wrapper w_of_test;"
        "create foreign table public.o_of_test () inherits ({t}) server r_of_test",
        "drop foreign data wrapper w_of_test cascade",
        "foreign table public.o_of_test",
    ),
    Attached(
        "parent",
        "create table public.o_of_test (label text); alter table {t} inherit public.o_of_test",
        "alter table {t} no inherit public.o_of_test; drop table public.o_of_test",
        "belongs to table public.o_of_test",
    ),
    Attached(
        "partition",
        "create table public.o_of_test (id text not null, number bigint not null, label text)"
        " partition by range (number);"
        "alter table public.o_of_test attach partition {t} default",
        "alter table public.o_of_test detach partition {t}; drop table public.o_of_test",
        "belongs to table public.o_of_test",
    ),
    Attached(
        "function of the row type",
        _FUNCTION.replace("{args}", "{t}").replace("{returns}", "text").replace("{body}", "as 'select 1::text'"),
        "drop function public.f_of_test",
        "function public.f_of_test",
    ),
    Attached(
        "function that returns rows",
        _FUNCTION.replace("{args}", "").replace("{returns}", "setof {t}").replace("{body}", "as 'select * from {t}'"),
        "drop function public.f_of_test",
        "function public.f_of_test()",
    ),
    Attached(
        "function that returns an array of rows",
        _FUNCTION.replace("{args}", "")
        .replace("{returns}", "{t}[]")
        .replace("{body}", "as 'select array(select x from {t} x)'"),
        "drop function public.f_of_test",
        "function public.f_of_test()",
    ),
    Attached(
        "function with a body in SQL",
        _FUNCTION.replace("{args}", "")
        .replace("{returns}", "bigint")
        .replace("{body}", "begin atomic select count(*) from {t}; end"),
        "drop function public.f_of_test",
        "function public.f_of_test()",
    ),
    Attached(
        "function with a default",
        _FUNCTION.replace("{args}", "x regclass default '{t}'::regclass")
        .replace("{returns}", "int")
        .replace("{body}", "as 'select 1'"),
        "drop function public.f_of_test",
        "function public.f_of_test(regclass)",
    ),
    Attached(
        "procedure",
        "create procedure public.f_of_test() language sql begin atomic delete from {t}; end",
        "drop procedure public.f_of_test",
        "function public.f_of_test()",
    ),
    Attached(
        "column of the row type",
        "create table public.o_of_test (x {t})",
        "drop table public.o_of_test",
        "column x of table public.o_of_test",
    ),
    Attached(
        "column of an array of rows",
        "create table public.o_of_test (x {t}[])",
        "drop table public.o_of_test",
        "column x of table public.o_of_test",
    ),
    Attached(
        "composite type",
        "create type public.y_of_test as (x {t})",
        "drop type public.y_of_test",
        "column x of composite type",
    ),
    Attached(
        "domain over the row type",
        "create domain public.y_of_test as {t}",
        "drop domain public.y_of_test",
        "type public.y_of_test",
    ),
    Attached(
        "cast",
        _FUNCTION.replace("{args}", "{t}").replace("{returns}", "text").replace("{body}", "as 'select 1::text'")
        + "; create cast ({t} as text) with function public.f_of_test({t})",
        "drop cast ({t} as text); drop function public.f_of_test",
        "cast from",
    ),
    Attached(
        "operator",
        _FUNCTION.replace("{args}", "{t}").replace("{returns}", "text").replace("{body}", "as 'select 1::text'")
        + "; create operator public.!!! (rightarg = {t}, function = public.f_of_test)",
        "drop operator public.!!! (none, {t}); drop function public.f_of_test",
        "operator",
    ),
    Attached(
        "aggregate",
        _FUNCTION.replace("{args}", "int, {t}").replace("{returns}", "int").replace("{body}", "as 'select 1'")
        + "; create aggregate public.a_of_test ({t}) (sfunc = public.f_of_test, stype = int)",
        "drop aggregate public.a_of_test({t}); drop function public.f_of_test",
        "function public.a_of_test",
    ),
    Attached(
        "publication",
        "create publication n_of_test for table {t} (id, number) where (number > 5)",
        "drop publication n_of_test",
        "in publication n_of_test",
    ),
    Attached(
        "publication of the schema",
        "create publication n_of_test for tables in schema {s}",
        "drop publication n_of_test",
        "publication n_of_test",
    ),
    Attached(
        "publication of all tables",
        "create publication n_of_test for all tables",
        "drop publication n_of_test",
        "publication n_of_test all tables",
    ),
    Attached(
        "subscription",
        "insert into pg_subscription_rel select oid, {oid}, 'r' from pg_subscription where subname = 'c_of_test'",
        "delete from pg_subscription_rel where srrelid = {oid}",
        "subscription c_of_test",
    ),
    Attached(
        "security label",
        _LABEL.replace("{column}", "0"),
        "delete from pg_seclabel where objoid = {oid}",
        "security label table",
    ),
    Attached(
        "security label of a column",
        _LABEL.replace("{column}", "1"),
        "delete from pg_seclabel where objoid = {oid}",
        "security label column id",
    ),
    Attached(
        "extension",
        "alter extension plpgsql add table {t}",
        "alter extension plpgsql drop table {t}",
        "belongs to extension plpgsql",
    ),
    Attached(
        "privilege on the row type",
        "grant usage on type {t} to app_of_test",
        "update pg_type set typacl = null where typrelid = {oid};"
        "delete from pg_shdepend where classid = 'pg_type'::regclass and deptype = 'a'",
        "row type privileges",
    ),
    Attached(
        "owner", "alter table {t} owner to app_of_test", "alter table {t} owner to stir_writer", "relowner app_of_test"
    ),
    Attached("unlogged", "alter table {t} set unlogged", "alter table {t} set logged", "relpersistence u"),
    Attached(
        "tablespace",
        "alter table {t} set tablespace place_of_test",
        "alter table {t} set tablespace pg_default",
        "reltablespace place_of_test",
    ),
    Attached(
        "tablespace of an index",
        "alter index {s}.{n}_pkey set tablespace place_of_test",
        "alter index {s}.{n}_pkey set tablespace pg_default",
        "index tiny_pkey reltablespace place_of_test",
    ),
    Attached(
        "access method",
        "create access method heap_of_test type table handler heap_tableam_handler;"
        "alter table {t} set access method heap_of_test",
        "alter table {t} set access method heap; drop access method heap_of_test",
        "relam heap_of_test",
    ),
    Attached(
        "collation",
        'alter table {t} alter label type text collate "C"',
        'alter table {t} alter label type text collate "default"',
        "attcollation",
    ),
    Attached(
        "privilege by another",
        "grant select on {t} to stir_reader with grant option; set session authorization stir_reader;"
        "grant select on {t} to app_of_test; reset session authorization",
        "revoke grant option for select on {t} from stir_reader cascade",
        "by stir_reader",
    ),
    Attached(
        "typed table",
        "create type public.y_of_test as (id text, number bigint, label text); alter table {t} of public.y_of_test",
        "alter table {t} not of; drop type public.y_of_test",
        "belongs to type public.y_of_test",
    ),
    Attached(
        "range of rows",
        "create type public.y_of_test as range (subtype = {t})",
        "drop type public.y_of_test",
        "type public.y_of_test",
    ),
    Attached(
        "operator class",
        _FUNCTION.replace("{args}", "{t}, {t}").replace("{returns}", "int").replace("{body}", "immutable as 'select 1'")
        + "; create operator class public.c_of_test for type {t} using btree as function 1 public.f_of_test({t}, {t})",
        "drop operator family public.c_of_test using btree; drop function public.f_of_test",
        "operator class public.c_of_test",
    ),
    Attached(
        "transform",
        "create transform for {t} language plpgsql (from sql with function prsd_lextype(internal))",
        "drop transform for {t} language plpgsql",
        "transform for",
    ),
    Attached(
        "index of another table",
        "create table public.o_of_test (id text); create index o_of_test_i on public.o_of_test ((null::{t} is null))",
        "drop table public.o_of_test",
        "index public.o_of_test_i",
    ),
    Attached(
        "check of another table",
        "create table public.o_of_test (id text check (null::{t} is null))",
        "drop table public.o_of_test",
        "constraint o_of_test_check on table public.o_of_test",
    ),
    Attached(
        "check of a domain",
        "create domain public.y_of_test as text check (null::{t} is null)",
        "drop domain public.y_of_test",
        "constraint y_of_test_check",
    ),
    Attached(
        "generated column of another table",
        "create table public.o_of_test (id text, g boolean generated always as (null::{t} is null) stored)",
        "drop table public.o_of_test",
        "column g of table public.o_of_test",
    ),
    Attached(
        "trigger of another table",
        "create table public.o_of_test (id text);"
        + _TRIGGER.replace("{t}", "public.o_of_test").replace("row execute", "row when (null::{t} is null) execute"),
        "drop table public.o_of_test; drop function public.t_of_test()",
        "trigger trigger_of_test on table public.o_of_test",
    ),
    Attached(
        "rule of another table",
        "create table public.o_of_test (id text);"
        "create rule r_of_test as on insert to public.o_of_test do also select count(*) from {t}",
        "drop table public.o_of_test",
        "public.o_of_test",
    ),
    Attached(
        "view by the key",
        "create view public.v_of_test as select id, number from {t} group by id",
        "drop view public.v_of_test",
        "view public.v_of_test",
    ),
    Attached(
        "renamed index",
        "alter index {s}.{n}_by_number rename to {n}_by_hand",
        "alter index {s}.{n}_by_hand rename to {n}_by_number",
        "index tiny_by_hand CREATE INDEX",
    ),
    Attached(
        "renamed key",
        "alter table {t} rename constraint {n}_pkey to {n}_by_hand",
        "alter table {t} rename constraint {n}_by_hand to {n}_pkey",
        "constraint tiny_by_hand p PRIMARY KEY",
    ),
    Attached(
        "invalid index",
        "update pg_index set indisvalid = false where indexrelid = '{s}.{n}_by_number'::regclass",
        "update pg_index set indisvalid = true where indexrelid = '{s}.{n}_by_number'::regclass",
        "indisvalid",
    ),
    Attached(
        "not null for itself alone",
        "alter table {t} alter constraint {n}_number_not_null no inherit",
        "alter table {t} alter constraint {n}_number_not_null inherit",
        "NOT NULL number NO INHERIT",
    ),
    Attached(
        "constraint trigger",
        _TRIGGER.replace("create trigger", "create constraint trigger").replace("before", "after"),
        _NO_TRIGGER,
        "trigger trigger_of_test on table",
    ),
    Attached(
        "security label of the row type",
        "insert into pg_seclabel select reltype, 'pg_type'::regclass, 0, 'provider', 'secret' from pg_class"
        " where oid = {oid}",
        "delete from pg_seclabel where provider = 'provider'",
        "security label type",
    ),
)
