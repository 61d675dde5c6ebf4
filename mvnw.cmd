@echo off
rem Runs the Maven that .mvn\wrapper\maven-wrapper.properties names: fetched once, checked against
rem its SHA-256, and kept below %USERPROFILE%\.m2\wrapper. Where it cannot be fetched, an installed
rem Maven of at least the version that the build accepts does as well.
setlocal
set "MVNW_ROOT=%~dp0"
set "MVNW_MAVEN="
for /f "usebackq delims=" %%m in (`powershell -NoProfile -ExecutionPolicy Bypass -Command ^
  "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';" ^
  "$oldest = [version] '3.8.6';" ^
  "$settings = @{}; Get-Content (Join-Path $env:MVNW_ROOT '.mvn\wrapper\maven-wrapper.properties') | ForEach-Object { $key, $value = $_ -split '=', 2; if ($value) { $settings[$key] = $value.Trim() } };" ^
  "$url = $settings['distributionUrl']; $expected = $settings['distributionSha256Sum'];" ^
  "$archive = $url.Substring($url.LastIndexOf('/') + 1); $name = $archive.Replace('-bin.zip', '');" ^
  "$base = if ($env:MAVEN_USER_HOME) { $env:MAVEN_USER_HOME } else { Join-Path $env:USERPROFILE '.m2' };" ^
  "$dists = Join-Path $base 'wrapper\dists'; $folder = Join-Path $dists ($name + '-' + $expected.Substring(0, 12));" ^
  "$mvn = Join-Path $folder ($name + '\bin\mvn.cmd'); if (Test-Path $mvn) { $mvn; exit 0 };" ^
  "$work = Join-Path $dists ('new.' + [guid]::NewGuid()); New-Item -ItemType Directory -Force $work | Out-Null; $file = Join-Path $work $archive;" ^
  "try {" ^
  "  try { Invoke-WebRequest -UseBasicParsing -TimeoutSec 60 -Uri $url -OutFile $file } catch {" ^
  "    $installed = Get-Command mvn -ErrorAction SilentlyContinue;" ^
  "    if (-not $installed) { [Console]::Error.WriteLine('mvnw: could not fetch ' + $url + ', and no Maven is installed'); exit 1 };" ^
  "    $found = [regex]::Match((& $installed.Source -q --version | Out-String), '\d+\.\d+\.\d+').Value;" ^
  "    if (-not $found -or ([version] $found) -lt $oldest) { [Console]::Error.WriteLine('mvnw: could not fetch ' + $url + ', and the installed Maven ' + $found + ' is older than ' + $oldest); exit 1 };" ^
  "    [Console]::Error.WriteLine('mvnw: could not fetch ' + $name + ', the installed Maven ' + $found + ' is used'); $installed.Source; exit 0 };" ^
  "  $sha = (Get-FileHash -Algorithm SHA256 $file).Hash.ToLowerInvariant();" ^
  "  if ($sha -ne $expected) { [Console]::Error.WriteLine('mvnw: ' + $url + ' has the SHA-256 ' + $sha + ', not ' + $expected + '. Nothing was installed'); exit 1 };" ^
  "  Expand-Archive -Path $file -DestinationPath $work; New-Item -ItemType Directory -Force $folder | Out-Null;" ^
  "  Move-Item (Join-Path $work $name) $folder; $mvn" ^
  "} finally { Remove-Item -Recurse -Force $work -ErrorAction SilentlyContinue }"`) do set "MVNW_MAVEN=%%m"
if not defined MVNW_MAVEN exit /b 1
call "%MVNW_MAVEN%" %*
exit /b %ERRORLEVEL%
