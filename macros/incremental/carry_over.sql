{#- A model's statement: the table of `rows`, one row per `key`, of which an ordinary run makes only the rows that
    something touched and takes over the others as they stand in the table. What it writes is the whole table, so that
    readers need no FINAL, a row that is no longer made is gone, and a run that is killed or comes twice leaves nothing
    behind (docs/decisions/0071-histories-of-accounts-are-read-where-something-touched-them.md).

    rows     SQL; where it may read less, a condition of if_touched(), in which `touched` has the keys.
    touched  SQL of the keys (as `key`) whose rows differ by what came since the last run (came_since).
    whole    models that are built whole by other DAGs, of which nobody can say which keys changed.

    Everything is made again on another day than the table's, because all windows end with the day before; where one of
    `whole` was written since; where the model's SQL is another; for an earlier moment than the table's; and with
    `--full-refresh`. The table itself says what it was made of, as in docs/decisions/0060: no clock decides. -#}
{% macro carry_over(key, rows, touched, whole) -%}
    {%- set made_of = quote_text(local_md5(rows | replace(as_of(), '') ~ written_state(whole))) -%}
    {#- A unit test knows no columns, and no table. -#}
    {%- set own = ['windows_end_on', 'computed_as_of', 'made_of'] -%}
    {%- set columns = model.columns.keys() | reject('in', own) | join(', ') or '*' -%}
    {%- set marker = '(?s)true /[*] (.+?) if touched [*]/' -%}
    {%- if is_carried_over(made_of) -%}
with touched as (
{{ touched }}
)

    {% endif -%}
select
    {{ columns }},
    {{ as_of_date() }} as windows_end_on,
    {{ as_of() }} as computed_as_of,
    {{ made_of }} as made_of
from (
    {%- if not is_carried_over(made_of) %}
{{ rows }}
)
    {%- else %}
{{ modules.re.sub(marker, '\\1', rows) }}
)
union all
select
    {{ columns }},
    {{ as_of_date() }} as windows_end_on,
    {{ as_of() }} as computed_as_of,
    {{ made_of }} as made_of
from {{ this }}
where {{ key }} not in (select touched.key from touched)
    {%- endif -%}
{%- endmacro %}
