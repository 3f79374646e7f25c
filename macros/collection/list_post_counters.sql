{#- The lifetime counters of a post that are carried through the collection series under one name. Reach and impressions
    are apart: there a 0 means that nothing was measured. -#}
{% macro list_post_counters() -%}
    {%- do return([
        'likes', 'comments', 'plays', 'views', 'shares', 'saves', 'taps_forward', 'taps_back', 'exits', 'swipe_ups',
        'replies', 'navigation', 'profile_visits', 'follows', 'sticker_taps', 'mentions',
    ]) -%}
{%- endmacro %}
