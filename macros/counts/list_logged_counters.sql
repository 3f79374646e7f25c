{#- Counters of the post log by the names we give them, each with the spellings that the crawlers use. -#}
{% macro list_logged_counters() -%}
    {{- return({
        'likes': ['likes'],
        'comments': ['comments'],
        'plays': ['play_count', 'plays'],
        'views': ['view_count', 'views'],
        'reach': ['reach'],
        'impressions': ['impressions'],
        'shares': ['shares'],
        'saved': ['saved', 'saves'],
        'taps_forward': ['tap_forward', 'taps_forward'],
        'taps_back': ['tap_back', 'taps_back'],
        'exits': ['tap_exit', 'exits'],
        'swipe_ups': ['swipe_up', 'swipe_ups'],
        'replies': ['replies'],
        'navigation': ['navigation'],
        'profile_visits': ['profile_visits'],
        'follows': ['follows'],
        'sticker_taps': ['sticker_taps'],
        'mentions': ['mentions'],
    }) -}}
{%- endmacro %}
