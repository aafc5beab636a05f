using Haq.Engine.Layers;

namespace Haq.Engine.Hardware.Measured;

/// <summary>A device on which each layer must be timed first: <see cref="HardwareTarget.WithMeasurements"/>.</summary>
internal sealed class UnmeasuredModel : ICostModel
{
    public double? BandwidthBitsPerSecond => null;

    public bool HasEnergy => false;

    public bool IsByName => true;

    public bool RunsNarrowAsWide => false;

    public bool DependsOnOutput => false;

    public IReadOnlyList<string> Assumptions { get; } =
    [
        "Each layer is timed on this machine's ONNX Runtime, in float32 and in int8 (QDQ), alone and on pinned threads: warm-up, repeats, median.",
        "A network takes as long as its layers one after the other; what ONNX Runtime fuses across layers does not show.",
        "Widths of 8 and less run as int8. No energy is measured: a budget on energy is refused.",
    ];

    public double? PeakMacsPerSecond(LayerBits computed) => null;

    public LayerCost Price(in Workload work) => throw new InvalidOperationException("this target must be measured before it can price a layer");
}
