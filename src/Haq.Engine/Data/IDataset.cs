using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Runtime;

namespace Haq.Engine.Data;

/// <summary>
/// Samples that a model can be fed with: preprocessed, in the type and layout of its inputs, in a fixed order. Read on demand, so memory does not grow
/// with their number. One caller at a time.
/// </summary>
public interface IDataset : IDisposable
{
    /// <summary>What messages call it: a file, or what it was made from.</summary>
    string Name { get; }

    /// <summary>Where it is named, for errors; null where it was made in memory.</summary>
    SourceLocation? At { get; }

    /// <summary>Number of samples, at least 1.</summary>
    int Count { get; }

    /// <summary>
    /// What a batch holds, in the model's order: name, element type, and a shape whose first extent is -1 where the batch is free. The other extents are known.
    /// </summary>
    ImmutableArray<TensorInfo> Inputs { get; }

    /// <summary>Samples per batch where the model fixes them (1 where its inputs have no batch dimension); null where the batch is free.</summary>
    int? FixedBatch { get; }

    /// <summary>Every sample has a label.</summary>
    bool HasLabels { get; }

    /// <summary>The class of a sample, 0 or more.</summary>
    /// <exception cref="InvalidOperationException">There are no labels.</exception>
    int LabelOf(int sample);

    /// <summary>Reads samples into the rows of a batch: the first row gets the first of <paramref name="samples"/>, and so on.</summary>
    /// <exception cref="HaqException">A sample cannot be read, or holds what the model cannot take (HAQ0101, HAQ0102, HAQ0106, HAQ0109).</exception>
    void Read(ReadOnlySpan<int> samples, Batch batch);
}
