using System;
using System.IO;
using System.Threading;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Holds a file of this clone exclusively until released, or until the build or its process ends, so that two first commands do not prepare packages
/// at once. MSBuild compiles it when it is first needed: there is no package to take it from yet.
/// </summary>
public sealed class CloneLock : Task
{
    [Required]
    public string File { get; set; }

    public bool Release { get; set; }

    public override bool Execute()
    {
        var engine = (IBuildEngine4)BuildEngine;
        if (Release)
        {
            var held = engine.UnregisterTaskObject(File, RegisteredTaskObjectLifetime.Build) as IDisposable;
            if (held != null) held.Dispose();
            return true;
        }
        Directory.CreateDirectory(Path.GetDirectoryName(File));
        // Yielded while it waits: the holder may be a project on this very node.
        engine.Yield();
        try
        {
            Acquire(engine);
            return true;
        }
        finally
        {
            engine.Reacquire();
        }
    }

    private void Acquire(IBuildEngine4 engine)
    {
        for (int tries = 0; ; tries++)
        {
            try
            {
                var stream = new FileStream(File, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                engine.RegisterTaskObject(File, stream, RegisteredTaskObjectLifetime.Build, false);
                return;
            }
            catch (IOException)
            {
                if (tries == 10) Log.LogMessage(MessageImportance.High, "  Waiting for another command that prepares packages in this clone ...");
                Thread.Sleep(100);
            }
        }
    }
}
