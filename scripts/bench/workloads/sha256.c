/* Integer, rotations and additions: SHA-256 (FIPS 180-4) of 4 KiB. The constants are computed from the primes. */
#include "workload.h"

static uint32_t constants[64], hash[8];
static uint8_t message[4096];

static uint32_t rotate(uint32_t x, int by) { return x >> by | x << (32 - by); }

/* The first 32 bits of the fractional part of a prime's cube root or square root, found bit by bit. */
static uint32_t fraction(uint32_t prime, int cube) {
  unsigned __int128 root = 0, target = (unsigned __int128)prime << (cube ? 96 : 64);
  for (int bit = 35; bit >= 0; bit--) {
    unsigned __int128 candidate = root | (unsigned __int128)1 << bit;
    if ((cube ? candidate * candidate * candidate : candidate * candidate) <= target) root = candidate;
  }
  return (uint32_t)root;
}

static void prepare(void) {
  int found = 0;
  for (uint32_t n = 2; found < 64; n++) {
    int prime = 1;
    for (uint32_t d = 2; d * d <= n; d++) prime &= n % d != 0;
    if (!prime) continue;
    if (found < 8) hash[found] = fraction(n, 0);
    constants[found++] = fraction(n, 1);
  }
}

static void block(const uint8_t *p) {
  uint32_t w[64];
  for (int i = 0; i < 16; i++)
    w[i] = (uint32_t)p[4 * i] << 24 | p[4 * i + 1] << 16 | p[4 * i + 2] << 8 | p[4 * i + 3];
  for (int i = 16; i < 64; i++)
    w[i] = w[i - 16] + (rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3) + w[i - 7] +
           (rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10);
  uint32_t a = hash[0], b = hash[1], c = hash[2], d = hash[3];
  uint32_t e = hash[4], f = hash[5], g = hash[6], h = hash[7];
  for (int i = 0; i < 64; i++) {
    uint32_t first = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + constants[i] + w[i];
    uint32_t second = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + first, d = c, c = b, b = a, a = first + second;
  }
  hash[0] += a, hash[1] += b, hash[2] += c, hash[3] += d;
  hash[4] += e, hash[5] += f, hash[6] += g, hash[7] += h;
}

uint64_t run(uint64_t rounds) {
  prepare();
  for (uint32_t i = 0; i < sizeof message; i++) message[i] = (uint8_t)(i * 7);
  for (uint64_t round = 0; round < rounds; round++)
    for (uint32_t at = 0; at < sizeof message; at += 64) block(message + at);
  return (uint64_t)hash[0] << 32 | hash[7];
}
