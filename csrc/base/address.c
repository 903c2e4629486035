#include "address.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

bool ul_address_copy(ul_address *address, const struct sockaddr *from) {
  if (from->sa_family == AF_INET)
    memcpy(&address->ipv4, from, sizeof address->ipv4);
  else if (from->sa_family == AF_INET6)
    memcpy(&address->ipv6, from, sizeof address->ipv6);
  else
    return false;
  return true;
}

bool ul_address_parse(ul_address *address, const char *text) {
  memset(address, 0, sizeof *address);
  if (inet_pton(AF_INET, text, &address->ipv4.sin_addr) == 1)
    address->any.sa_family = AF_INET;
  else if (inet_pton(AF_INET6, text, &address->ipv6.sin6_addr) == 1)
    address->any.sa_family = AF_INET6;
  else
    return false;
  return true;
}

static const void *bytes_of(const ul_address *address) {
  return address->any.sa_family == AF_INET6
           ? (const void *)&address->ipv6.sin6_addr
           : (const void *)&address->ipv4.sin_addr;
}

void ul_address_print(const ul_address *address, char *text) {
  if (inet_ntop(address->any.sa_family, bytes_of(address), text,
                UL_ADDRESS_TEXT) == NULL)
    *text = '\0';
}

static uint32_t number_of(const ul_address *address) {
  return ntohl(address->ipv4.sin_addr.s_addr);
}

bool ul_address_is_loopback(const ul_address *address) {
  if (address->any.sa_family == AF_INET) return number_of(address) >> 24 == 127;
  return IN6_IS_ADDR_LOOPBACK(&address->ipv6.sin6_addr);
}

/* --- public or not --- */

static const struct ipv4_range {
  uint32_t first;
  unsigned bits;
} special_ipv4[] = {
  {0x00000000, 8},   /* 0.0.0.0/8: this network */
  {0x0a000000, 8},   /* 10.0.0.0/8: private */
  {0x64400000, 10},  /* 100.64.0.0/10: shared by a provider's customers */
  {0x7f000000, 8},   /* 127.0.0.0/8: loopback */
  {0xa9fe0000, 16},  /* 169.254.0.0/16: link-local, metadata of clouds */
  {0xac100000, 12},  /* 172.16.0.0/12: private */
  {0xc0000000, 24},  /* 192.0.0.0/24: protocols */
  {0xc0000200, 24},  /* 192.0.2.0/24: documentation */
  {0xc0586300, 24},  /* 192.88.99.0/24: once 6to4 relays */
  {0xc0a80000, 16},  /* 192.168.0.0/16: private */
  {0xc6120000, 15},  /* 198.18.0.0/15: benchmarks */
  {0xc6336400, 24},  /* 198.51.100.0/24: documentation */
  {0xcb007100, 24},  /* 203.0.113.0/24: documentation */
  {0xe0000000, 3},   /* 224.0.0.0/3: multicast, reserved, broadcast */
};

static bool is_public_ipv4(uint32_t number) {
  for (size_t i = 0; i < sizeof special_ipv4 / sizeof *special_ipv4; i++) {
    unsigned rest = 32 - special_ipv4[i].bits;
    if (number >> rest == special_ipv4[i].first >> rest) return false;
  }
  return true;
}

/* Only 2000::/3 is given out; within it these are not for hosts, or stand for
** an IPv4 address. */
static const struct ipv6_range {
  uint8_t first[16];
  unsigned bits;
} special_ipv6[] = {
  {{0x20, 0x01}, 23},              /* 2001::/23: protocols, Teredo */
  {{0x20, 0x01, 0x0d, 0xb8}, 32},  /* 2001:db8::/32: documentation */
  {{0x20, 0x02}, 16},              /* 2002::/16: 6to4 */
  {{0x3f, 0xff}, 20},              /* 3fff::/20: documentation */
};

static bool begins_with(const uint8_t *bytes, const uint8_t *first,
                        unsigned bits) {
  size_t whole = bits / 8;
  unsigned rest = 8 - bits % 8;
  if (memcmp(bytes, first, whole) != 0) return false;
  return rest == 8 || bytes[whole] >> rest == first[whole] >> rest;
}

static uint32_t last_four(const uint8_t *bytes) {
  return (uint32_t)bytes[12] << 24 | (uint32_t)bytes[13] << 16 |
         (uint32_t)bytes[14] << 8 | bytes[15];
}

static bool is_public_ipv6(const uint8_t *bytes) {
  static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
  static const uint8_t translated[12] = {0x00, 0x64, 0xff, 0x9b};
  static const uint8_t global[1] = {0x20};
  if (begins_with(bytes, mapped, 96) || begins_with(bytes, translated, 96))
    return is_public_ipv4(last_four(bytes));
  for (size_t i = 0; i < sizeof special_ipv6 / sizeof *special_ipv6; i++)
    if (begins_with(bytes, special_ipv6[i].first, special_ipv6[i].bits))
      return false;
  return begins_with(bytes, global, 3);
}

bool ul_address_is_public(const ul_address *address) {
  if (address->any.sa_family == AF_INET)
    return is_public_ipv4(number_of(address));
  return is_public_ipv6(address->ipv6.sin6_addr.s6_addr);
}
