using System.Collections.Immutable;
using Haq.Engine.Onnx.Simplification;
using Onnx;

namespace Haq.Engine.Quantization.Preparation;

/// <summary>How a float model is made ready for quantization.</summary>
public sealed record PreparationOptions
{
    /// <summary>What the exporters are made for, and nothing that has to be asked for.</summary>
    public static PreparationOptions Default { get; } = new();

    /// <summary>Shapes of dynamic inputs, by name; null where the model declares them all.</summary>
    public IReadOnlyDictionary<string, long[]>? InputShapes { get; init; }

    /// <summary>Whether the layer of a name stays in float; null for none.</summary>
    public Func<string, bool>? Leave { get; init; }

    /// <summary>Fold batch normalization into the layers before it.</summary>
    public bool FoldBatchNorm { get; init; } = true;

    /// <summary>The rewritings that are made, by name.</summary>
    public ImmutableArray<string> Simplify { get; init; } = Simplification.Names;

    /// <summary>Equalize the ranges of neighbouring layers' channels.</summary>
    public bool Equalize { get; init; }

    /// <summary>What is quantized between layers.</summary>
    public BetweenLayers Between { get; init; }

    /// <summary>The target; null for ONNX Runtime on a processor. One that wants pairs everywhere decides what lies between layers.</summary>
    public DialectForm? Form { get; init; }

    /// <summary>Store the tables that rows are looked up in (embeddings) in 8 bits.</summary>
    public bool Tables { get; init; } = true;

    /// <summary>Weights will have a scale per block: Gemm nodes become MatMuls, for which there is a kernel.</summary>
    public bool Blocks { get; init; }

    /// <summary>Gives the inputs of one sample, for shapes that a run on zeros does not tell, or null; null where there is none.</summary>
    public Func<IReadOnlyDictionary<string, TensorProto>?>? Sample { get; init; }

    /// <summary>Find what can be computed in integers between layers, so that it can be chosen.</summary>
    public bool Regions { get; init; }

    /// <summary>The operator set that the result has at least.</summary>
    public int Opset { get; init; } = Export.QdqExporter.Opset;
}
