{#- Whether a platform began to count something else under a metric's name within the days before the day of as_of(),
    by seed metric_definition. Growth over such a window compares two different counts. -#}
{% macro crosses_definition_change(platform, metric, days) -%}
    toBool(assumeNotNull((
        select count()
        from {{ ref('metric_definition') }}
        where
            platform = '{{ platform }}'
            and metric = '{{ metric }}'
            and from_date > {{ as_of_date() }} - {{ days }}
            and from_date < {{ as_of_date() }}
    )) > 0)
{%- endmacro %}
