{# Every known value of the columns lies within their bounds; a bound that is not given does not bind, and NaN fails.
   One test for all columns of a model, because each test costs dbt and ClickHouse more than its rows do. A row that
   fails names its columns. #}
{% test values_between(model, bounds) %}
{%- set limits_of = {} -%}
{%- for bound in bounds -%}
    {%- for column in bound.columns -%}
        {%- set limits = limits_of.setdefault(column, []) -%}
        {%- if bound.at_least is defined -%}{%- do limits.append(column ~ ' >= ' ~ bound.at_least) -%}{%- endif -%}
        {%- if bound.at_most is defined -%}{%- do limits.append(column ~ ' <= ' ~ bound.at_most) -%}{%- endif -%}
    {%- endfor -%}
{%- endfor %}

select
    arrayFilter(name -> name != '', [
        {%- for column, limits in limits_of.items() %}
        if(not ({{ limits | join(' and ') }}), '{{ column }}', ''){{ ',' if not loop.last }}
        {%- endfor %}
    ]) as columns_outside
from {{ model }}
where
    {%- for limits in limits_of.values() %}
    {{ 'or ' if not loop.first }}not ({{ limits | join(' and ') }})
    {%- endfor %}

{% endtest %}
