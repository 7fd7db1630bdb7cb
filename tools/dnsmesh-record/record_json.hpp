// SPDX-License-Identifier: Apache-2.0
// Records as JSON, field by field (spec/record-tool.md): one direction answers `check`, the other takes the inputs of
// `issue`.
#pragma once

#include "dnsmesh-record/fields.hpp"
#include "record/bootstrap_record.hpp"
#include "record/claim_record.hpp"
#include "record/cluster_manifest.hpp"
#include "record/heartbeat_record.hpp"
#include "record/identity_record.hpp"
#include "record/prekey.hpp"
#include "record/revocation_record.hpp"
#include "record/rotation_record.hpp"
#include "record/slot_manifest.hpp"

namespace dnsmesh::record_tool {

Json to_json(const record::ClusterManifest& manifest);
Json to_json(const record::BootstrapRecord& record);
Json to_json(const record::IdentityRecord& record);
Json to_json(const record::Prekey& prekey);
Json to_json(const record::SlotManifest& manifest);
Json to_json(const record::RotationRecord& record);
Json to_json(const record::RevocationRecord& record);
Json to_json(const record::HeartbeatRecord& record);
Json to_json(const record::ClaimRecord& record);

/// Reads the inputs; what cannot be used is noted in `fields`.
void read_fields(Fields& fields, record::ClusterManifest& out);
void read_fields(Fields& fields, record::BootstrapRecord& out);
void read_fields(Fields& fields, record::IdentityRecord& out);
void read_fields(Fields& fields, record::Prekey& out);
void read_fields(Fields& fields, record::SlotManifest& out);
void read_fields(Fields& fields, record::RotationRecord& out);
void read_fields(Fields& fields, record::RevocationRecord& out);
void read_fields(Fields& fields, record::HeartbeatRecord& out);
void read_fields(Fields& fields, record::ClaimRecord& out);

}  // namespace dnsmesh::record_tool
