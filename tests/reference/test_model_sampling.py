"""Distributions and draws: what they add up to, and how often each token comes."""

from __future__ import annotations

import math
from collections import Counter

import pytest

from chatproof.reference.sampling import CANDIDATES, Draws, Sampler, Speaker, usable_bias
from chatproof.reference.tokens import END, VOCABULARY, encode


@pytest.mark.parametrize("script", [None, encode(" sea")])
def test_probabilities_of_all_tokens_add_up_to_one(script):
    speaker = Speaker(b"digest", 5, script)
    sampler = Sampler(Draws("x"))
    token = None
    while token != END:
        distribution = speaker.next()
        logprobs = [distribution.logprob(number) for number in range(len(VOCABULARY))]
        assert math.fsum(map(math.exp, logprobs)) == pytest.approx(1)
        assert len(set(distribution.tokens)) == CANDIDATES
        assert list(distribution.logprobs) == sorted(distribution.logprobs, reverse=True)
        token = sampler.draw(distribution)
        speaker.take(token)


def test_tokens_come_as_often_as_the_distribution_says():
    distribution = Speaker(b"digest", 30).next()
    sampler = Sampler(Draws("x"))
    counts = Counter(sampler.draw(distribution) for _ in range(20_000))
    for token, logprob in zip(distribution.tokens, distribution.logprobs, strict=True):
        assert counts[token] / 20_000 == pytest.approx(math.exp(logprob), abs=0.015)


def test_the_nucleus_is_the_smallest_that_reaches_top_p():
    distribution = Speaker(b"digest", 30).next()
    sampler = Sampler(Draws("x"), top_p=0.6)
    drawn = {sampler.draw(distribution) for _ in range(2000)}
    shares = [math.exp(logprob) for logprob in distribution.logprobs]
    size = next(n for n in range(1, CANDIDATES + 1) if sum(shares[:n]) >= 0.6 * sum(shares))
    assert drawn == set(distribution.tokens[:size])


def test_extreme_temperatures_are_no_trouble():
    distribution = Speaker(b"digest", 30).next()
    assert Sampler(Draws("x"), temperature=5e-324).draw(distribution) == distribution.tokens[0]
    hot = Sampler(Draws("x"), temperature=1e300)
    assert len({hot.draw(distribution) for _ in range(1000)}) == CANDIDATES


def test_each_step_depends_on_all_that_was_said():
    speakers = [Speaker(b"digest", 30) for _ in range(2)]
    for speaker, first in zip(speakers, (" sea", " wind"), strict=True):
        for text in (first, " and", " the", " sand"):
            speaker.take(encode(text)[0])
    assert speakers[0].next() != speakers[1].next()


def test_draws_are_even_and_fixed_by_their_key():
    one, two = Draws("a", 1), Draws("a", 1)
    numbers = [one.uniform() for _ in range(2000)]
    assert numbers == [two.uniform() for _ in range(2000)]
    assert numbers != [Draws("a", 2).uniform() for _ in range(2000)]
    assert all(0 <= number < 1 for number in numbers)
    assert sum(numbers) / len(numbers) == pytest.approx(0.5, abs=0.03)


def test_biases_are_bounded_and_of_tokens_that_may_be_said():
    lead, rest = "é".encode()
    asked = {"42": 1000, "46": -(10**400), "44": 0, str(lead): 3, str(rest): 3, "x": 1}
    assert usable_bias(asked) == {42: 100, 46: -100, lead: 3}
    assert usable_bias(None) == {}
