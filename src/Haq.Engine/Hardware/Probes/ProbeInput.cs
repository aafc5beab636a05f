using System.Collections.Immutable;

namespace Haq.Engine.Hardware.Probes;

/// <summary>What a probe reads: fixed numbers, as a serialized TensorProto with raw data.</summary>
/// <param name="Name">Name of the model's input.</param>
/// <param name="Type">Element type, as ONNX calls it in lower case: <c>float</c>, <c>uint8</c>.</param>
/// <param name="Shape">Extents.</param>
/// <param name="File">Relative to the bundle's folder.</param>
public sealed record ProbeInput(string Name, string Type, ImmutableArray<long> Shape, string File);
