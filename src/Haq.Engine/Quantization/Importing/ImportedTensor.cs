using System.Collections.Immutable;
using Haq.Engine.Dialects.Qdq;

namespace Haq.Engine.Quantization.Importing;

/// <summary>An activation that had a pair.</summary>
/// <param name="Quantizer">What the pair did, with unsigned integers.</param>
/// <param name="Grid">The pair as it was written.</param>
/// <param name="Readers">Names of the nodes that read it quantized, each with the input that it reads it through.</param>
/// <param name="IsOutput">The network hands it out quantized.</param>
internal sealed record ImportedTensor(Quantizer Quantizer, TensorGrid Grid, ImmutableArray<(string Node, int Input)> Readers, bool IsOutput);
