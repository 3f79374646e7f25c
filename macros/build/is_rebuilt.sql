{#- Whether a time of the running model lies in the days that the backfill builds again; `column` is a Date, or
    a DateTime where the model's own time is one; its days are those of UTC. -#}
{% macro is_rebuilt(column) -%}
    {%- set window = rebuilt_window(model) -%}
    {%- set is_day = model.columns[window.column].data_type == 'Date' -%}
    {%- set conditions = [] -%}
    {%- for first, end in window.windows -%}
        {%- set bounds = [] -%}
        {%- for day in [first, end] -%}
            {%- do bounds.append(
                "toDate('" ~ day ~ "')" if is_day else "toDateTime('" ~ day ~ " 00:00:00', 'UTC')"
            ) -%}
        {%- endfor -%}
        {%- do conditions.append('(' ~ column ~ ' >= ' ~ bounds[0] ~ ' and ' ~ column ~ ' < ' ~ bounds[1] ~ ')') -%}
    {%- endfor -%}
    ({{ conditions | join(' or ') }})
{%- endmacro %}
