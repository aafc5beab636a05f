using Haq.Engine.Runtime;

namespace Haq.Engine.Evaluation.Compiled;

/// <summary>A network that is ready to be evaluated on the batches of a set, several at a time.</summary>
internal interface INetwork : IDisposable
{
    /// <summary>The output that is compared, for one batch; the caller disposes of it.</summary>
    OrtTensor Run(SampleCache.Slot batch);
}
