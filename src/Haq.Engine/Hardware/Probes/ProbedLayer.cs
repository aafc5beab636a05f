using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware.Probes;

/// <summary>A layer of the network, and the probes that tell what it takes. Layers of one shape share their probes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Loops">Its loop nest.</param>
/// <param name="Alone">By pair of widths (<c>w8a8</c>): the probe of the layer by itself.</param>
/// <param name="Group">By pair of widths: the probe of the layer with what follows it; the same as <paramref name="Alone"/> where nothing does.</param>
public sealed record ProbedLayer(string Name, LoopNest Loops, ImmutableSortedDictionary<string, string> Alone, ImmutableSortedDictionary<string, string> Group)
{
    /// <summary>The probe whose time is the layer's in a network.</summary>
    public string ProbeAt(string pair) => Group[pair];
}

/// <summary>A <see cref="LayerShape"/> as it is written to a file.</summary>
public sealed record LoopNest(
    OpKind Op, int In, int Out, int Groups, ImmutableArray<int> Kernel, ImmutableArray<int> Stride, ImmutableArray<int> InputSize, ImmutableArray<int> OutputSize)
{
    /// <summary>The file's form of a shape.</summary>
    public static LoopNest Of(LayerShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return new(shape.Op, shape.In, shape.Out, shape.Groups, shape.Kernel, shape.Stride, shape.InputSize, shape.OutputSize);
    }

    /// <summary>The shape.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public LayerShape ToShape() => new(Op, In, Out, Groups, Kernel, Stride, InputSize, OutputSize);
}
