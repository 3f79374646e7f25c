{#- The event says of itself, in one of the documents it brings, that a number beside this says nothing, be it 0, -1 or
    the three likes that a visitor sees. YouTube, Instagram and the crawlers spell each flag in their own ways; YouTube
    has some within the parts status and statistics (docs/decisions/0085-a-flag-decides-about-its-own-numbers.md). -#}
{% macro says_flag(documents, flag) -%}
    {%- set views = 'like_and_view_counts_(?:disabled|hidden)|likeAndViewCountsDisabled|hide_like_and_view_counts' -%}
    {%- set spellings = {
        'hidden_subscribers': 'is_subscriber_count_hidden|hidden_?[sS]ubscriber_?[cC]ount',
        'hidden_likes': views ~ '|(?:is_)?likes?_(?:count_)?(?:hidden|disabled)|ratings_disabled|ratingsDisabled',
        'hidden_views': views,
        'made_for_kids': '(?:is_)?made_for_kids|(?:is)?[mM]adeForKids|selfDeclaredMadeForKids',
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
    {%- for document in documents %}
    {%- set own -%}
        JSONExtractKeysAndValuesRaw(if(startsWith(trimLeft({{ document }}), '{'), {{ document }}, ''))
    {%- endset -%}
    {{ '(' if loop.first else ' or ' }}(
        match({{ document }}, '{{ pattern }}')
        -- What a document says of others, such as the people in a picture, stands deeper in it.
        and (
            not isValidJSON({{ document }})
            or arrayExists(
                member -> match(concat('"', member.1, '":', member.2, ','), '{{ pattern }}'),
                arrayFilter(
                    member -> substring(member.2, 1, 1) not in ('{', '[') or member.1 in ('status', 'statistics'), {{ own }}
                )
            )
        )
    )
    {%- endfor -%})
{%- endmacro %}
