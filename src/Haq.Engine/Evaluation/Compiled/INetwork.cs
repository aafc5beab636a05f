using Haq.Engine.Runtime;

namespace Haq.Engine.Evaluation.Compiled;

/// <summary>A network that is ready to be evaluated on the batches of a set, several at a time.</summary>
internal interface INetwork : IDisposable
{
    /// <summary>The outputs that are compared, in their order, for one batch; the caller disposes of them.</summary>
    OrtTensor[] Run(SampleCache.Slot batch);
}
