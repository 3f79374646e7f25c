"""Made-up pairs of handle and name, of many scripts: from a seed, the same each time."""

from __future__ import annotations

import random

GIVEN = [
    "Priya",
    "Rohan",
    "Ananya",
    "Vikram",
    "Kavya",
    "Arjun",
    "Meera",
    "Emma",
    "Liam",
    "Olivia",
    "José",
    "María",
    "João",
    "André",
    "Budi",
    "Dewi",
    "Ahmed",
    "Fatma",
    "Omar",
    "Ayşe",
    "Layla",
    "Haruto",
    "Yui",
    "Minjun",
    "Jiho",
    "Chidi",
    "Amara",
    "Lukas",
    "Chloé",
    "Jürgen",
    "Zoë",
    "Matteo",
    "İlknur",
    "Anna",
]
NATIVE = [
    "अनन्या",
    "प्रिया",
    "காவ்யா",
    "গৌরব",
    "ਗੁਰਪ੍ਰੀਤ",
    "પ્રિયા",
    "ప్రియ",
    "ಕಾವ್ಯ",
    "പ്രിയ",
    "Ελένη",
    "გიორგი",
    "王伟",
    "최서윤",
    "陽翔",
    "Анна",
    "أحمد",
    "ליאת",
    "Արամ",
]
FAMILY = [
    "Sharma",
    "Iyer",
    "Khan",
    "Patel",
    "Smith",
    "O'Neil",
    "García",
    "Souza",
    "Santoso",
    "Yılmaz",
    "Hassan",
    "Tanaka",
    "Kim",
    "Okafor",
    "Müller",
    "Rossi",
    "Lefèvre",
]


def pairs(number: int, seed: int = 1) -> tuple[list[str], list[str]]:
    """Handles and names, shape (number,) each."""
    dice = random.Random(seed)  # noqa: S311  (made-up people)
    handles, names = [], []
    for _ in range(number):
        given = dice.choice(GIVEN if dice.random() < 0.8 else NATIVE)
        words = [given, *(dice.choice(FAMILY) for _ in range(dice.choice([0, 1, 1, 1, 2, 3, 4])))]
        if dice.random() < 0.3:
            words.insert(1, chr(65 + dice.randrange(26)) + ".")
        kind = dice.random()
        if kind < 0.05:
            handle = f"user{dice.randrange(10**8)}"
        elif kind < 0.1:
            handle = "qx_" + f"{dice.getrandbits(28):07x}"
        else:
            parts = [word.lower().strip(".") for word in words[: dice.choice([1, 2, 2, 3])]]
            handle = dice.choice(["", "", ".", "_", "-"]).join(parts) + str(dice.choice(["", dice.randrange(10**5)]))
        name = " ".join(words)
        handles.append(handle if dice.random() < 0.95 else handle.upper())
        names.append(decorated(name, dice) if dice.random() < 0.1 else name if dice.random() < 0.97 else "")
    return handles, names


def decorated(name: str, dice: random.Random) -> str:
    """The name in one of four decorative alphabets, or between emoji."""
    start = dice.choice([0x1D400, 0x1D5D4, 0x24B6, 0x1F170, 0])
    if not start:
        return f"✨{name}🔥"
    folded = name.upper()
    return "".join(chr(start + ord(each) - 65) if "A" <= each <= "Z" else each for each in folded)
