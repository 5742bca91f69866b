"""Risk by relation: what is asked of the reader is flagged, what is to be built is not."""

from __future__ import annotations

import pytest

from domain.posts import Client
from ranking.risk import find_risks
from tests.fakes import fixed, hourly, make_post


def flags(text, *, channel="upwork", title="Help wanted", **fields):
    post = make_post(title, description=text, channel=channel, **fields)
    return {flag.code: flag for flag in find_risks(post)}


@pytest.mark.parametrize(
    ("code", "severe", "text", "words"),
    [
        (
            "contact_off_platform",
            True,
            "Pay is weekly. Contact me on Telegram @hr_dalton for details.",
            "Contact me on Telegram @hr_dalton",
        ),
        (
            "contact_off_platform",
            True,
            "You must message our hiring manager Mr. Dalton on Telegram @dalton_desk before any contract.",
            "message our hiring manager Mr. Dalton on Telegram @dalton_desk",
        ),
        (
            "contact_off_platform",
            True,
            "I do not check messages here, text me on WhatsApp +1 555 010 9988",
            "text me on WhatsApp +1 555 010 9988",
        ),
        ("contact_off_platform", True, "Reach us at t.me/quick_jobs today", "Reach us at t.me/quick_jobs"),
        ("contact_off_platform", True, "My telegram is @fastpay_agent", "My telegram is @fastpay_agent"),
        (
            "contact_off_platform",
            False,
            "Apply here or mail me at boss.man@mail.example now",
            "mail me at boss.man@mail.example",
        ),
        (
            "payment_outside",
            True,
            "We will make the payment outside of Upwork to save fees.",
            "payment outside of Upwork",
        ),
        (
            "pay_to_work",
            True,
            "You will need to pay a refundable deposit of $50 before we begin.",
            "You will need to pay a refundable deposit",
        ),
        (
            "pay_to_work",
            True,
            "There is a $30 registration fee to get started.",
            "registration fee to get started",
        ),
        (
            "pay_to_work",
            True,
            "Applicants must purchase our starter kit.",
            "Applicants must purchase our starter kit",
        ),
        (
            "free_test_work",
            False,
            "The trial is unpaid but the best code goes straight into production.",
            "trial is unpaid",
        ),
        ("free_test_work", False, "First do an unpaid test for us.", "unpaid test"),
        (
            "free_test_work",
            False,
            "Please design a free mockup of our home page with your bid",
            "design a free mockup of our home page with your bid",
        ),
        (
            "account_rental",
            True,
            "Looking to rent your verified Upwork account for long term.",
            "rent your verified Upwork account",
        ),
        ("account_rental", True, "I want to buy an Upwork profile", "buy an Upwork profile"),
        (
            "impersonation",
            False,
            "Sit technical interviews on my behalf this month",
            "interviews on my behalf",
        ),
        (
            "overpayment",
            True,
            "We will mail you a cheque for $3,850. Buy a laptop.",
            "mail you a cheque",
        ),
        (
            "overpayment",
            True,
            "Keep $500 as your first week, and forward the remainder to our supplier.",
            "forward the remainder to our supplier",
        ),
        (
            "crypto_errand",
            True,
            "You receive funds into your own bank account and pass them on.",
            "receive funds into your own bank",
        ),
        (
            "crypto_errand",
            True,
            "Buy bitcoin with the transfer and send it to my wallet.",
            "Buy bitcoin with the transfer and send it to my wallet",
        ),
        (
            "credentials",
            True,
            "To verify you, send us a copy of your passport.",
            "send us a copy of your passport",
        ),
        ("equity_only", False, "Pay is 4 % of equity, no salary.", "Pay is 4 % of equity"),
    ],
)
def test_what_is_asked_of_the_reader_is_flagged_with_its_words(code, severe, text, words):
    found = flags(text)
    assert (found[code].words, found[code].severe) == (words, severe)
    assert words in " ".join(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "We need you to integrate an AI chatbot with WhatsApp.",
        "Build a Telegram bot: members book courts, pay later and get a reminder. Staff message users on Telegram.",
        "Customers contact us on WhatsApp +44 20 7946 0000; the bot should answer them.",
        "Bot like https://t.me/some_bot, posting to our Telegram channel.",
        "Do not contact us outside of Upwork. Any payment outside of Upwork will be refused.",
        "Never ask us to pay outside the platform.",
        "Tenants pay a security deposit before the booking is confirmed.",
        "Users should pay a registration fee to start a course.",
        "The app offers a 3-day free trial, then a subscription.",
        "Send reminders for unpaid invoices.",
        "This is a paid test task of two hours.",
        "Detect check images with OCR and deposit the check in the mobile app.",
        "A trading bot that should buy bitcoin for users through their Binance account.",
        "OTP login with passport.js; users upload an ID card.",
        "Provide your LinkedIn profile and a portfolio.",
        "Manage our LinkedIn account and our Upwork profile for us.",
        "Experience in private equity is a plus. Kindly apply.",
        "A gift card shop with crypto payments.",
        "Email reports must be sent out to team@company.example automatically.",
        "You will use a discord community for questions.",
    ],
)
def test_what_is_to_be_built_is_not_flagged(text):
    assert flags(text) == {}


def test_on_a_job_board_an_address_is_how_one_applies():
    text = "To apply, email jobs@company.example or message us on WhatsApp +351 912 345 678"
    assert flags(text, channel="board") == {}
    assert flags(text)["contact_off_platform"].severe


@pytest.mark.parametrize(
    ("title", "pay", "client", "flagged"),
    [
        ("Data entry from home", hourly("65", "65"), Client(), True),
        ("PDF to Word typing", fixed("3500"), Client(payment_verified=False, total_spent=0), True),
        ("Data entry from home", hourly("8", "12"), Client(), False),
        ("Data entry from home", hourly("65", "65"), Client(payment_verified=True), False),
        ("Data entry from home", hourly("65", "65"), Client(hires=4), False),
        ("Data entry from home", hourly("65", "65", None), Client(), False),
        ("Data entry from home", None, Client(), False),
        ("Django developer", hourly("90", "120"), Client(), False),
    ],
)
def test_simple_work_at_a_skilled_rate_by_an_unknown_client(title, pay, client, flagged):
    found = flags("Easy work.", title=title, pay=pay, client=client)
    assert ("too_good" in found) is flagged
    if flagged:
        assert pay.raw in found["too_good"].message
        assert found["too_good"].words in title


def test_one_flag_per_kind():
    text = "Message me on Telegram @one_desk. Message me on Telegram @two_desk. Mail me at a@mail.example"
    assert list(flags(text)) == ["contact_off_platform"]
    assert flags(text)["contact_off_platform"].words.endswith("@one_desk")
