using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation.Distributed;

namespace Haq.Engine.Pipeline.Parcels;

/// <summary>Workers elsewhere that score policies on whatever subjects they are given.</summary>
public interface IScoringPools : IAsyncDisposable
{
    /// <summary>Where the workers are looked for, without credentials.</summary>
    string Said { get; }

    /// <summary>How long to wait for a first worker before going on without.</summary>
    TimeSpan Wait { get; }

    /// <summary>How many workers there are now.</summary>
    int Workers { get; }

    /// <summary>What went wrong so far, each once.</summary>
    IReadOnlyList<Diagnostic> Warnings { get; }

    /// <summary>A search has waited for a worker in vain, and none has come since: the next one need not wait again.</summary>
    bool IsGivenUp { get; set; }

    /// <summary>Tells of workers that come and go, until what it returns is disposed of.</summary>
    IDisposable Listen(IProgress<string> messages);

    /// <summary>Adds a warning.</summary>
    void Warn(Diagnostic warning);

    /// <summary>A pool of them.</summary>
    ISubjectPool Open();
}

/// <summary>A pool that is told beforehand what it will score on.</summary>
public interface ISubjectPool : IScoringPool
{
    /// <summary>Adds a subject, which stays the caller's and is kept until the pool is disposed of.</summary>
    void Add(SubjectParcel parcel);
}
