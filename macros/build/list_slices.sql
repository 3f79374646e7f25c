{#- The statements that fill a whole table: `sql` itself or, where the model's config has `meta.slices`, one for each
    slice of about var slice_rows rows of an input, `sql` with the slice's bounds in the places of in_slice.

    of      the model whose rows are counted, by the marks of its primary index (mergeTreeIndex), which costs nothing.
    by      what is sliced, as SQL over a mark: the first columns of the sorting key or the part's name, which begins
            with the partition.
    where   which marks count.
    weight  how many events of posts, which var slice_rows counts, one row stands for in memory; 1 unless given.

    Groups that memory does not hold are written to disk, read and merged, which is as much work once more. No group may
    stand in two slices (docs/decisions/0025-large-tables-in-key-slices.md). -#}
{% macro list_slices(sql) -%}
    {%- set slices = config.get('meta', {}).get('slices') -%}
    {%- if not slices or is_incremental() -%}{{- return([sql]) -}}{%- endif -%}  {#- which reads little -#}
    {%- set counted = ref(slices.of) -%}
    {%- set rows = [var('slice_rows') // (slices.weight or 1), 1] | max -%}
    {%- set starts -%}
select min(value) as start
from (
    select value, intDiv(sum(number) over (order by value) - number, {{ rows }}) as slice
    from (
        select {{ slices.by }} as value, sum(rows_in_granule) as number
        from {{ marks_of(counted) }}
        where {{ slices.where or 'true' }}
        group by value
    )
)
group by slice
order by start
    {%- endset -%}
    {%- set bounds = [] -%}
    {%- for row in run_query(starts) -%}
        {#- quoted once for SQL and once for the pattern's substitute -#}
        {%- set quoted = row[0] | string | replace('\\', '\\\\') | replace("'", "''") -%}
        {%- do bounds.append("'" ~ quoted | replace('\\', '\\\\') ~ "'") -%}
    {%- endfor -%}
    {#- The first slice has no lower bound and the last no upper one: the marks do not show every value. -#}
    {%- set statements = [] -%}
    {%- for i in range([bounds | length, 1] | max) -%}
        {%- set within = [] -%}
        {%- if i > 0 -%}{%- do within.append('\\1 >= ' ~ bounds[i]) -%}{%- endif -%}
        {%- if i + 1 < bounds | length -%}{%- do within.append('\\1 < ' ~ bounds[i + 1]) -%}{%- endif -%}
        {%- set condition = '(' ~ (within | join(' and ') or 'true') ~ ')' -%}
        {%- do statements.append(modules.re.sub('true /[*] (.+?) in slice [*]/', condition, sql)) -%}
    {%- endfor -%}
    {{- return(statements) -}}
{%- endmacro %}
