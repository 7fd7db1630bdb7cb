// SPDX-License-Identifier: Apache-2.0
// Objects with a tail of bytes in the same allocation: an answer from the index then costs one cache miss an object,
// and a million names cost half the allocations.
#pragma once

#include <cstddef>
#include <new>
#include <utility>

namespace dnsmesh::dns {

/// Base of objects made by new_with_tail; `delete` frees object and tail.
struct HasTail {
  static void operator delete(void* memory) { ::operator delete(memory); }
};

/// Makes a T with `tail_bytes` uninitialised bytes behind it.
template <class T, class... Arguments>
T* new_with_tail(std::size_t tail_bytes, Arguments&&... arguments) {
  return ::new (::operator new(sizeof(T) + tail_bytes)) T(std::forward<Arguments>(arguments)...);
}

/// The first byte of the tail.
template <class T>
char* tail_of(T* object) {
  return static_cast<char*>(static_cast<void*>(object + 1));
}
template <class T>
const char* tail_of(const T* object) {
  return static_cast<const char*>(static_cast<const void*>(object + 1));
}

}  // namespace dnsmesh::dns
