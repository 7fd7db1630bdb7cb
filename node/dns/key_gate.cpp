// SPDX-License-Identifier: Apache-2.0
#include "dns/key_gate.hpp"

#include "access/name_scope.hpp"

namespace dnsmesh::dns {

Rcode KeyGate::admit(const TsigContext& signer, std::vector<UpdateOperation>& operations) {
  if (!rates_.allow(signer.key->name)) return Rcode::servfail;
  // Looked up again: it may have been revoked since its signature was checked.
  const auto key = keys_.find(signer.key->name, clock_.wall_s());
  if (key == nullptr) return Rcode::refused;
  for (UpdateOperation& operation : operations) {
    operation.may_shorten = access::may_delete(key->scope, operation.owner);
    if (operation.may_shorten) continue;
    if (operation.kind != UpdateOperation::Kind::add || !access::may_add(key->scope, operation.owner)) {
      return Rcode::refused;
    }
  }
  return Rcode::noerror;
}

}  // namespace dnsmesh::dns
