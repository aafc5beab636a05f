using Haq.Engine.Onnx;
using Haq.Engine.Quantization;

namespace Haq.Engine.Evaluation.Compiled;

/// <summary>An initializer of the rewritten graph that a policy fills.</summary>
internal interface IRefill
{
    /// <summary>Whose values.</summary>
    Placeholder Placeholder { get; }

    /// <summary>The initializer's name.</summary>
    string Name { get; }

    /// <summary>The values of a policy, serialized as a model that has this initializer and nothing else; <paramref name="real"/> is the float model.</summary>
    ReferringMessage Piece(QuantizedModel quantized, GraphView real);
}
