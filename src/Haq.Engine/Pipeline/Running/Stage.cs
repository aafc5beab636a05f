using Haq.Engine.Diagnostics;

namespace Haq.Engine.Pipeline.Running;

/// <summary>
/// One step of the pipeline: a function of a record of inputs and of nothing else. The key of its result is the digest of that record, its handles' keys included, so that there is nothing to list by
/// hand. Stages hold no state and do not know each other.
/// </summary>
/// <typeparam name="TInputs">The record: settings and handles, whose content <see cref="RecordDigest"/> can tell.</typeparam>
/// <typeparam name="TResult">What it makes. Disposed of with the run where it is disposable.</typeparam>
internal abstract class Stage<TInputs, TResult> where TInputs : class
{
    /// <summary>In keys, in progress and in the report's times.</summary>
    public abstract string Name { get; }

    /// <summary>Raised whenever it makes something else of the same inputs.</summary>
    public virtual int Version => 1;

    /// <summary>Makes the result.</summary>
    /// <exception cref="HaqException">Something is wrong with the inputs.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public abstract TResult Run(TInputs inputs, StageScope scope);
}

/// <summary>A stage whose result is kept in the cache.</summary>
internal abstract class CachedStage<TInputs, TResult> : Stage<TInputs, TResult> where TInputs : class
{
    /// <summary>Whether a result with these inputs holds for other machines, too, and may come from them; false where it is of something that is at this one.</summary>
    public virtual bool IsForAll(TInputs inputs) => true;

    /// <summary>Puts the result into files in an empty folder, or beside what <see cref="StageScope.Folder"/> holds already.</summary>
    public abstract void Write(TResult result, string folder);

    /// <summary>Gives back what <see cref="Write"/> wrote.</summary>
    public abstract TResult Read(TInputs inputs, string folder);
}
