using Haq.Engine.Hardware;
using Haq.Engine.Manifest;

namespace Haq.Engine.Pipeline.Stages;

/// <summary>What is read before anything is computed.</summary>
internal sealed record ReadResult(HaqManifest Manifest, HardwareTarget Target, InputLedger Inputs, string ModelDigest);
