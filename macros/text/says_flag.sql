{#- The event says of itself, in one of the documents it brings, that a number beside this says nothing, be it 0, -1 or
    the three likes that a visitor sees. YouTube, Instagram and the crawlers spell each flag in their own ways. -#}
{% macro says_flag(documents, flag) -%}
    {%- set spellings = {
        'hidden_subscribers': 'is_subscriber_count_hidden|hidden_?[sS]ubscriber_?[cC]ount',
        'hidden_likes': 'like_and_view_counts_(?:disabled|hidden)|likeAndViewCountsDisabled|hide_like_and_view_counts'
            ~ '|(?:is_)?likes?_(?:count_)?(?:hidden|disabled)|ratings_disabled|ratingsDisabled',
        'closed_comments': '(?:are_|is_)?comment(?:s|ing)_(?:disabled|closed)|commentsDisabled|commentingDisabled',
        'gone': '(?:is_)?(?:deleted|private)|isDeleted|isPrivate',
    } -%}
    {%- set blank = '[ \\t\\r\\n]*' -%}
    {%- set yes = '(?i:true|yes|y|t|on|1(?:[.]0+)?)' -%}
    {%- set pattern = '"(?:' ~ spellings[flag] ~ ')"' ~ blank ~ ':' ~ blank ~ '(?:"' ~ blank ~ yes ~ blank ~ '"|' ~ yes
        ~ '[ \\t\\r\\n,}])' -%}
    {%- if flag == 'gone' -%}
        {%- set pattern = pattern ~ '|"privacy_?[sS]tatus"' ~ blank ~ ':' ~ blank ~ '"' ~ blank ~ '(?i:private)' ~ blank
            ~ '"' -%}
    {%- endif -%}
    ({% for document in documents %}{{ ' or ' if not loop.first }}match({{ document }}, '{{ pattern }}'){% endfor %})
{%- endmacro %}
