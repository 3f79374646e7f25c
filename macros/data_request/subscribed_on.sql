{#- The moment that a subscription's text says, in any of the usual notations; NULL when it says none. -#}
{% macro subscribed_on(event) -%}
    parseDateTime64BestEffortOrNull({{ event }}.subscribed_on, 3, 'UTC')
{%- endmacro %}
