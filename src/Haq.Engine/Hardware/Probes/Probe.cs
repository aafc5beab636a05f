using System.Collections.Immutable;

namespace Haq.Engine.Hardware.Probes;

/// <summary>A small model that is timed on a device: <c>probes/NAME.onnx</c> in its bundle.</summary>
/// <param name="Name">Unique in every bundle that holds the same model: a digest of what it computes is part of it.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Work">Multiply-accumulates, or numbers that change their width; 0 where that is not known.</param>
/// <param name="Inputs">What it is run on.</param>
public sealed record Probe(string Name, ProbeKind Kind, long Work, ImmutableArray<ProbeInput> Inputs)
{
    /// <summary>Its file, relative to the bundle's folder.</summary>
    public string File => $"probes/{Name}.onnx";
}
