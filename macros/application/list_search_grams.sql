{#- The different trigrams of the words of a handle and a name, folded to lower-case Latin letters without accents, for
    the search by likeness. plugins/stir/app/folding.py does the same to what somebody asks for. -#}
{% macro list_search_grams(handle, name) -%}
arrayDistinct(arrayFlatten(arrayMap(
    word -> arrayMap(place -> substringUTF8(word, place, 3), range(1, lengthUTF8(word) - 1)),
    arrayMap(
        word -> concat('_', word, '_'),
        extractAll(
            {{ fold_for_search(
                "concat(substringUTF8(coalesce(" ~ handle ~ ", ''), 1, 60), ' ', substringUTF8(coalesce(" ~ name
                ~ ", ''), 1, 60))"
            ) | indent(12) }},
            '[\\p{L}\\p{N}]+'
        )
    )
)))
{%- endmacro %}
