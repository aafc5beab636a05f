using Haq.Engine.Hardware;
using Haq.Engine.Manifest;
using Haq.Engine.Onnx;

namespace Haq.Engine.Pipeline.Stages;

/// <summary>What is read before anything is computed.</summary>
internal sealed record ReadResult(HaqManifest Manifest, HardwareTarget Target, InputLedger Inputs, OnnxModel Model, string ModelDigest, bool IsFormatOverridden);
