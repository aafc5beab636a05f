using Haq.Engine.Layers;

namespace Haq.Engine.Hardware;

/// <summary>Answers what a layer costs. Immutable and safe to call from several threads.</summary>
public interface ICostModel
{
    /// <summary>Cost of one layer for the whole batch.</summary>
    /// <exception cref="OverflowException">The layer is so large that its cost does not fit 64 bits.</exception>
    LayerCost Price(in Workload work);

    /// <summary>Cost of the passes over a tensor between layers by what is no layer; nothing where the target's published figures give it none.</summary>
    LayerCost PriceTensor(in TensorWork work) => new(0, 0, HasEnergy ? default(Energy) : null, default, default, 0);

    /// <summary>Cost of reading a tensor between layers at one width and writing it at another, once.</summary>
    LayerCost PriceConvert(in TensorWork work, Bitwidth to) => PriceTensor(work with { Passes = 0 });

    /// <summary>A tensor that one layer makes in one width and another reads in another is changed from one to the other at the price of <see cref="PriceConvert"/>.</summary>
    bool ConvertsBetweenLayers => false;

    /// <summary>Makes sure that every layer can be priced at every pair; models that compute their figures always can.</summary>
    /// <exception cref="Diagnostics.HaqException">Figures are missing (HAQ0208).</exception>
    void Check(IReadOnlyList<QuantizableLayer> layers, SupportedBits bits) { }

    /// <summary>Peak multiply-accumulates per second at widths that the target computes with; null where unknown.</summary>
    double? PeakMacsPerSecond(LayerBits computed);

    /// <summary>Bits per second across the memory interface, both directions; null where unknown.</summary>
    double? BandwidthBitsPerSecond { get; }

    /// <summary>It models energy.</summary>
    bool HasEnergy { get; }

    /// <summary>Costs depend on a layer's name as well as its shape.</summary>
    bool IsByName { get; }

    /// <summary>
    /// A layer of narrow data may run as one of wider data where that is faster, so that fewer bits never cost more. Off where another tool's figures
    /// are to be met that do not do so.
    /// </summary>
    bool RunsNarrowAsWide { get; }

    /// <summary>Costs depend on the width in which the output is written.</summary>
    bool DependsOnOutput { get; }

    /// <summary>What the model leaves out or takes for granted, one sentence each.</summary>
    IReadOnlyList<string> Assumptions { get; }
}
