{#- A moment that a feed can mean: not before the platforms began (2005) and not after this century. 1970 stands for
    zero, 2299 for the end of what ClickHouse can hold. With `known_at`, the moment also lies in the past of the row that
    reports it; clocks may differ by var clock_skew_minutes. -#}
{% macro is_possible_time(column, known_at=none) -%}
    ({{ column }} >= toDateTime64('2005-01-01 00:00:00', 6, 'UTC')
        and {{ column }} < toDateTime64('2100-01-01 00:00:00', 6, 'UTC')
        {%- if known_at %}
        and {{ column }} <= {{ known_at }} + interval {{ var('clock_skew_minutes') }} minute
        {%- endif %})
{%- endmacro %}
