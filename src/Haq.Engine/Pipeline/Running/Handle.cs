using System.Diagnostics.CodeAnalysis;
using Haq.Engine.Diagnostics;
using Haq.Engine.Graphs;

namespace Haq.Engine.Pipeline.Running;

/// <summary>What a stage makes, or a file holds: known by its key before it is made, and made when it is first asked for. For one caller at a time.</summary>
internal abstract class Handle<T> : IKeyed
{
    /// <summary>What it depends on: equal keys, equal content.</summary>
    public abstract StageKey Key { get; }

    /// <summary>The content.</summary>
    /// <exception cref="HaqException">It cannot be made.</exception>
    public abstract T Value { get; }

    /// <summary>The content where it was made before, in this run or in another one, so that nothing has to be computed.</summary>
    public abstract bool TryGet([MaybeNullWhen(false)] out T value);

    /// <summary>Makes it now, so that what is wrong with it is said before anything slower begins.</summary>
    public void Ensure() => _ = Value;

    /// <summary>Takes content that another stage came upon, so that nobody makes it again.</summary>
    public abstract void Keep(T content);

    /// <summary>Lets go of the content; it is made again when it is next asked for.</summary>
    public abstract void Close();
}
