using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Haq.Engine.Tests.Pipeline.Remote;

/// <summary>A real web server on a free port of this machine, with the configuration that docs/remote-cache.md shows; ended with the test.</summary>
internal sealed class Nginx : IDisposable
{
    private static readonly string[] s_places = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/local/bin/nginx", "/opt/homebrew/bin/nginx"];
    private readonly string _folder;
    private readonly Process _process;

    private Nginx(string folder, int port, Process process) => (_folder, Port, _process) = (folder, port, process);

    public int Port { get; }

    public string Address => $"http://127.0.0.1:{Port}";

    /// <summary>Where what was put lies.</summary>
    public string Data => Path.Combine(_folder, "data");

    /// <summary>Starts it in a folder; skips the running test where there is none.</summary>
    /// <param name="folder">Of its own, for configuration, log and data.</param>
    /// <param name="more">What else stands in the block of the server.</param>
    public static Nginx Start(string folder, string more = "")
    {
        string? program = s_places.FirstOrDefault(File.Exists);
        if (program is null) Assert.Skip("needs nginx with its WebDAV module (Debian: apt-get install nginx-light)");
        Directory.CreateDirectory(Path.Combine(folder, "data"));
        // Somebody else may take a port between its being found and its being used.
        for (int attempt = 1; ; attempt++)
        {
            int port = FreePort();
            File.WriteAllText(Path.Combine(folder, "nginx.conf"), Configuration(folder, port, more));
            var process = Process.Start(new ProcessStartInfo(program!, ["-p", folder, "-e", Path.Combine(folder, "error.log"), "-c", Path.Combine(folder, "nginx.conf")]))!;
            if (Answers(port, process)) return new Nginx(folder, port, process);
            process.Dispose();
            if (attempt == 5) Assert.Fail("nginx ends at once: " + File.ReadAllText(Path.Combine(folder, "error.log")));
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static string Configuration(string folder, int port, string more) => $$"""
        daemon off;
        master_process off;
        pid {{folder}}/nginx.pid;
        events {}
        http {
          access_log off;
          client_body_temp_path {{folder}}/body;
          proxy_temp_path {{folder}}/proxy;
          fastcgi_temp_path {{folder}}/fastcgi;
          uwsgi_temp_path {{folder}}/uwsgi;
          scgi_temp_path {{folder}}/scgi;
          server {
            listen 127.0.0.1:{{port}};
            root {{folder}}/data;
            client_max_body_size 0;
            {{more}}
            location ~ "^/(ac|cas)/[0-9a-f]{64}$" {
              dav_methods PUT;
              create_full_put_path on;
            }
            location / { return 403; }
          }
        }
        """;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static bool Answers(int port, Process process)
    {
        while (!process.HasExited)
        {
            try
            {
                using var client = new TcpClient();
                client.Connect(IPAddress.Loopback, port);
                return true;
            }
            catch (SocketException)
            {
                Thread.Sleep(20);
            }
        }
        return false;
    }
}
