{#- Whether a platform began to count something else as a view after a post was published and until a day, by seed
    metric_definition. The post's total of that day then holds two different counts. A post of unknown age is old. -#}
{% macro total_crosses_definition_change(platform, published_at, day) -%}
    toBool(arrayExists(
        changed_on -> changed_on > ifNull(toDate({{ published_at }}), toDate(0)) and changed_on <= {{ day }},
        (
            select groupArray(from_date)
            from {{ ref('metric_definition') }}
            where platform = '{{ platform }}' and metric = 'views'
        )
    ))
{%- endmacro %}
