{#- The moment that a subscription's text says; NULL when it says none. -#}
{% macro subscribed_on(event) -%}
    {{ read_time(event ~ '.subscribed_on', scale=3) }}
{%- endmacro %}
