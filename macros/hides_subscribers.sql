{#- The event says of its channel that it hides its subscribers, in one of the documents it brings: the number that is
    sent beside it, a 0, says nothing. YouTube's API and the crawlers spell the flag in their own ways. -#}
{% macro hides_subscribers(documents) -%}
    {%- set flag = '"(?:is_subscriber_count_hidden|hidden_?[sS]ubscriber_?[cC]ount)" ?: ?"?(?:true|1)' -%}
    ({% for document in documents %}{{ ' or ' if not loop.first }}match({{ document }}, '{{ flag }}'){% endfor %})
{%- endmacro %}
